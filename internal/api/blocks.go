package api

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/respond"
)

// blockList is the kind of list in its cursors.
const blockList = "b1"

// plainType is the media type of the block list for firewalls.
const plainType = "text/plain"

// blockRoutes lists the operations on the block list. Whoever answers an alert may
// block an address.
func (s *server) blockRoutes() {
	page := s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[BlockPage](), true, "")
	handle(s, route{call: "GET /decisions", gate: viewer, id: "listDecisions", tag: "response", summary: "List what is to be turned away: the block list",
		more:    "As JSON, by pages, with who asked for it and why; or, for a firewall that pulls it, everything in force as plain text (format=plain, or Accept: text/plain) or as input of nft -f (format=nft). What would turn an operator away is left out of the last two. While it is not known who the operators are, there is no list: keep the one that you have.",
		answers: map[string]*huma.MediaType{"application/json": {Schema: page}, plainType: {Schema: &huma.Schema{Type: "string"}}}}, s.listBlocks)
	handle(s, route{call: "POST /decisions", gate: responder, id: "createDecision", tag: "response", summary: "Put an address or network on the block list for a while",
		more: "Never one of this machine, of a private network (unless respond.block_private is on), of respond.never, of a trusted proxy, or from which an operator came lately.", status: 201, errors: []int{409}}, s.createBlock)
	handle(s, route{call: "POST /decisions/{id}/end", gate: responder, id: "endDecision", tag: "response", summary: "Take an entry off the block list before its time", errors: []int{404, 409}}, s.endBlock)
}

type listBlocksInput struct {
	PageQuery
	All    bool   `query:"all" doc:"Also what is over."`
	Format string `query:"format" enum:"json,plain,nft" doc:"Absent: plain if that is what is accepted first, else json."`
	Accept string `header:"Accept" hidden:"true"`
}

// form is the form in which the list is wanted.
func (in *listBlocksInput) form() string {
	first, _, _ := strings.Cut(in.Accept, ",")
	switch kind, _, _ := mime.ParseMediaType(first); {
	case in.Format != "":
		return in.Format
	case kind == plainType:
		return "plain"
	}
	return "json"
}

type blockPageOutput struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        any    // BlockPage or text
}

func (s *server) listBlocks(ctx context.Context, in *listBlocksInput) (*blockPageOutput, error) {
	form := in.form()
	if form == "json" {
		return s.blockPage(ctx, in)
	}
	if in.All || in.Cursor != "" {
		return nil, invalid("query.format", "is for everything in force: leave out all and cursor")
	}
	all, err := s.Blocks.Networks(ctx)
	if err != nil {
		return nil, err
	}
	text := respond.Plain(all)
	if form == "nft" {
		text = respond.NFT(all)
	}
	return &blockPageOutput{plainType + "; charset=utf-8", []byte(text)}, nil
}

func (s *server) blockPage(ctx context.Context, in *listBlocksInput) (*blockPageOutput, error) {
	page, err := in.page(blockList)
	if err != nil {
		return nil, err
	}
	rows, err := s.Blocks.Entries(ctx, in.All, page.After, page.Limit)
	if err != nil {
		return nil, err
	}
	rows, next := nextPage(blockList, in.Limit, rows, func(e respond.Entry) string { return e.ID })
	return &blockPageOutput{"application/json", BlockPage{Items: convert(rows, s.block), NextCursor: next}}, nil
}

type blockOutput struct{ Body Block }

type createBlockInput struct{ Body BlockRequest }

func (s *server) createBlock(ctx context.Context, in *createBlockInput) (*blockOutput, error) {
	network, err := respond.ParseNetwork(in.Body.Network)
	if err != nil {
		return nil, invalid("body.network", err.Error())
	}
	who, _ := auth.PrincipalFrom(ctx)
	by := s.act(ctx, "block.add", "", in.Body.Reason)
	made, err := s.Blocks.Add(ctx, respond.Block{Network: network, Origin: respond.ByPerson, By: who.Label(), Reason: by.Reason}, time.Duration(in.Body.Minutes)*time.Minute, by)
	if err != nil {
		return nil, ofBlock(err, made.ID)
	}
	return &blockOutput{s.block(respond.Entry{Block: made})}, nil
}

type endBlockInput struct {
	ID   string    `path:"id" format:"uuid" doc:"The entry's id."`
	Body *BlockEnd `required:"false"`
}

func (s *server) endBlock(ctx context.Context, in *endBlockInput) (*blockOutput, error) {
	var reason string
	if in.Body != nil {
		reason = in.Body.Reason
	}
	who, _ := auth.PrincipalFrom(ctx)
	blockID := strings.ToLower(in.ID)
	ended, err := s.Blocks.End(ctx, blockID, who.Label(), s.act(ctx, "block.end", blockID, reason))
	if err != nil {
		return nil, ofBlock(err, blockID)
	}
	return &blockOutput{s.block(respond.Entry{Block: ended})}, nil
}

func (s *server) block(e respond.Entry) Block {
	return Block{
		ID: e.ID, Network: respond.Name(e.Network), Origin: string(e.Origin), By: e.By, EventID: e.EventID, Reason: e.Reason,
		Active: e.ActiveAt(s.Clock.Now()), Spared: e.Spared, CreatedAt: utc(e.CreatedAt), Until: utc(e.Until), EndedAt: utcOrNull(e.EndedAt), EndedBy: e.EndedBy,
	}
}

// ofBlock turns what the block list refuses into what the caller may know.
func ofBlock(err error, id string) error {
	var input *respond.InputError
	switch {
	case errors.As(err, &input):
		return invalid("body."+input.Field, input.Why)
	case errors.Is(err, respond.ErrNotFound):
		return problem(http.StatusNotFound, "the block list has no entry %s; GET /api/v1/decisions lists all", id)
	case errors.Is(err, respond.ErrEnded):
		return problem(http.StatusConflict, "entry %s of the block list is over already", id)
	case errors.Is(err, respond.ErrTooMany):
		return problem(http.StatusConflict, "%d entries of the block list are in force, which is the most; end one first, or block a network", respond.MaxBlocks)
	}
	return err
}
