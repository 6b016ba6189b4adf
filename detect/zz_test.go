package detect
import ("testing";"regexp/syntax")
func TestZZ(t *testing.T){ rs,_:=BuiltinRules(); for _,r:=range rs { re,_:=syntax.Parse(r.Regex,syntax.Perl); p,_:=syntax.Compile(re.Simplify()); if e:=programSize(r.Regex); e*3<len(p.Inst) || e>len(p.Inst)*3+20 || e>9000 {t.Log(r.ID,len(p.Inst),e)} } }
