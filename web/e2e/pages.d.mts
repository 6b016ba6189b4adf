export const pages: string[];
