/** The part of a name that must be seen: `.pdf`, `.pdf.exe`, `.tar.gz`. The core says it of what came; this is for what is about to go. */
export const endingOf = (name: string): string => /(?<=.)(?:\.\w{1,5})?\.\w{1,10}$/.exec(name)?.[0] ?? ''
