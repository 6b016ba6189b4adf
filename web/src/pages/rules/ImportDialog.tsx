import { Button, FileButton, Modal, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type DragEvent, useState } from 'react';
import { importRules, ruleKeys } from '../../api/rules';
import type { RuleImport } from '../../api/types';
import { useToast } from '../../components/Toast';
import { plural } from '../../lib/format';
import { FormError } from '../login/Entrance';
import { byteLength } from './highlight';
import { ImportPlan } from './ImportPlan';
import classes from './Rules.module.css';

const limit = 1 << 20; // bytes of a rule file

type File = { name: string; content: string };

export function ImportDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Modal opened={open} onClose={onClose} title="Import rules" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Import onClose={onClose} />
    </Modal>
  );
}

/** Two steps: what the file would change, then the change. */
function Import({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const [file, setFile] = useState<File>({ name: '', content: '' });
  const [reason, setReason] = useState('');
  const look = useMutation({ mutationFn: () => importRules({ ...file, dry_run: true }) });
  const apply = useMutation({
    mutationFn: () => importRules({ ...file, dry_run: false, reason: reason.trim() }),
    onSuccess: (done) => {
      toast(`${plural(changing(done), 'rule')} imported`);
      void client.invalidateQueries({ queryKey: ruleKeys.all });
      onClose();
    },
  });
  const change = (f: File) => {
    setFile(f);
    look.reset();
    apply.reset();
  };
  const plan = look.data;
  const changed = plan === undefined ? 0 : changing(plan);
  return (
    <div className={classes.import}>
      <FormError>{(apply.error ?? look.error)?.message}</FormError>
      <FileText file={file} onChange={change} />
      {plan !== undefined && <ImportPlan plan={plan} />}
      {changed > 0 && (
        <TextInput
          label="Reason"
          description="Kept in each rule's history and in the audit log."
          maxLength={2000}
          value={reason}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
      )}
      <div className={classes.actions}>
        {plan === undefined && (
          <Button
            onClick={() => look.mutate()}
            loading={look.isPending}
            disabled={file.content.trim() === '' || over(file)}
          >
            See what would change
          </Button>
        )}
        {changed > 0 && (
          <Button onClick={() => apply.mutate()} loading={apply.isPending}>
            Import {plural(changed, 'rule')}
          </Button>
        )}
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </div>
  );
}

const changing = (p: RuleImport) => p.added + p.updated;
const over = (f: File) => byteLength(f.content) > limit;

// The file as text: pasted, dropped or chosen.
function FileText({ file, onChange }: { file: File; onChange: (f: File) => void }) {
  const [dragging, setDragging] = useState(false);
  const read = async (f: globalThis.File | null | undefined) => {
    // One byte more than allowed is enough to see that it is too large.
    if (f) onChange({ name: f.name.slice(-255), content: await f.slice(0, limit + 1).text() });
  };
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setDragging(false);
    void read(e.dataTransfer.files[0]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is one more way to do what the button does
    <div
      className={classes.drop}
      data-over={dragging || undefined}
      onDragOver={(e) => {
        e.preventDefault();
        setDragging(true);
      }}
      onDragLeave={() => setDragging(false)}
      onDrop={drop}
    >
      <Textarea
        label="Rule file"
        description="SHHH's patterns.yaml, a .gitleaks.toml or a rule file of Cordon: paste it, drop it here, or choose it."
        className={classes.mono}
        autosize
        minRows={6}
        maxRows={14}
        spellCheck={false}
        value={file.content}
        error={over(file) ? 'The file is larger than 1 MiB; split it.' : undefined}
        onChange={(e) => onChange({ name: '', content: e.currentTarget.value })}
      />
      <div className={classes.chosen}>
        <FileButton accept=".yaml,.yml,.toml,text/*" onChange={(f) => void read(f)}>
          {(props) => (
            <Button {...props} size="xs" variant="default">
              Choose a file
            </Button>
          )}
        </FileButton>
        {file.name !== '' && <span className={classes.quiet}>{file.name}</span>}
      </div>
    </div>
  );
}
