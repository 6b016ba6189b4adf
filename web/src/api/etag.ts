/**
 * The ETag as the node made it, which is never a weak one: a proxy that compresses what it
 * passes on puts W/ before it, and no change may rest on such.
 */
export const etagOf = (response: Response) => response.headers.get('ETag')?.replace(/^W\//, '') ?? null;
