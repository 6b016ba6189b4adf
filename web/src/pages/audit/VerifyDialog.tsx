import { Button, FileInput, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { CircleCheck, FileJson, ShieldCheck, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { verifyAudit } from '../../api/audit';
import type { AuditReport } from '../../api/types';
import { Facts } from '../../components/Facts';
import { SafeText } from '../../components/Text';
import { count, middle, plural } from '../../lib/format';
import { FormError } from '../login/Entrance';
import classes from './Audit.module.css';
import { checkpointLimit, parseCheckpoint } from './checkpoint';

export function VerifyButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="xs" leftSection={<ShieldCheck size={14} />} onClick={() => setOpen(true)}>
        Verify
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title="Verify the audit log"
        size={560}
        centered
        closeButtonProps={{ 'aria-label': 'Close' }}
        transitionProps={{ duration: 0 }}
      >
        <Verify />
      </Modal>
    </>
  );
}

function Verify() {
  const [file, setFile] = useState<File | null>(null);
  const verify = useMutation({ mutationFn: () => run(file) });
  return (
    <div className={classes.verify}>
      <p>
        Reads every record and checks its hash, its place in the chain and the signed checkpoints. A checkpoint that was
        saved elsewhere proves more: give it, and the log is compared with it too.
      </p>
      <FileInput
        label="Saved checkpoint"
        description="Optional. The JSON file of “Save checkpoint”, or of cordon audit checkpoint."
        placeholder="Choose a file"
        accept="application/json,.json"
        leftSection={<FileJson size={15} />}
        clearable
        clearButtonProps={{ 'aria-label': 'Without a checkpoint' }}
        value={file}
        onChange={setFile}
      />
      <FormError>{verify.error?.message}</FormError>
      <Button loading={verify.isPending} onClick={() => verify.mutate()}>
        {verify.data === undefined ? 'Verify' : 'Verify again'}
      </Button>
      <div role="status">{verify.isPending && <span className="sr-only">Verifying</span>}</div>
      {verify.data !== undefined && !verify.isPending && <Report report={verify.data} />}
    </div>
  );
}

async function run(file: File | null): Promise<AuditReport> {
  if (file === null) return verifyAudit();
  if (file.size > checkpointLimit) throw new Error('This file is not a checkpoint: it is far too large.');
  return verifyAudit(parseCheckpoint(await file.text()));
}

function Report({ report: r }: { report: AuditReport }) {
  const n = r.problems.length + r.more_problems;
  return (
    <section className={classes.report} data-ok={r.ok} aria-label="Result">
      <p className={classes.verdict} role={r.ok ? 'status' : 'alert'}>
        {r.ok ? <CircleCheck size={18} aria-hidden="true" /> : <TriangleAlert size={18} aria-hidden="true" />}
        {r.ok
          ? `The log is whole: ${plural(r.records, 'record')}.`
          : `The log is not what it was: ${plural(n, 'problem')}.`}
      </p>
      {r.problems.length > 0 && (
        <ul className={classes.problems}>
          {r.problems.map((p) => (
            <li key={`${p.seq} ${p.kind} ${p.detail}`}>
              <strong>{p.kind}</strong> <SafeText>{p.detail}</SafeText>
            </li>
          ))}
          {r.more_problems > 0 && <li>and {plural(r.more_problems, 'problem')} more</li>}
        </ul>
      )}
      <Facts
        items={[
          ['Last record', `${count(r.last_seq)}, ${middle(r.last_hash, 12, 6)}`],
          ['Checkpoints', count(r.checkpoints)],
          ['Signed up to', r.signed_up_to === 0 ? 'nothing is signed yet' : `record ${count(r.signed_up_to)}`],
        ]}
      />
      {r.ok && r.not_proved.length > 0 && (
        <details className={classes.limits}>
          <summary>What this does not prove</summary>
          <ul>
            {r.not_proved.map((t) => (
              <li key={t}>
                <SafeText>{t}</SafeText>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
