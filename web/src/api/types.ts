import type { components } from './schema';

/** The shapes of /api/v1 by the names the dashboard uses, from the generated schema. */
type S = components['schemas'];

export type Me = S['Me'];
export type Role = Me['role'];
export type Severity = S['Finding']['severity'];
export type Quarantine = S['Quarantine'];
export type QuarantineDetail = S['QuarantineDetail'];
export type ReviewAction = S['ReviewRequest']['action'];
export type TimelineEntry = S['TimelineEntry'];
export type Finding = S['Finding'];
export type Source = S['Source'];
export type SourceState = Source['state'];
export type Bucket = S['Bucket'];
export type Overview = S['Overview'];
export type Check = S['Check'];
export type Health = S['Health'];
export type User = S['User'];
export type ApiKey = S['APIKey'];
export type NewApiKey = S['APIKeyCreated'];
export type Page<T> = { items: T[]; next_cursor: string | null };
