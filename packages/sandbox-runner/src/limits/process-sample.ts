/** One process as it was found at one moment. */
export interface ProcessSample {
  readonly pid: number;
  /** Names the process together with its id, which is used again. */
  readonly start: string;
  /** It runs no more, and only waits for its parent to ask how it ended. */
  readonly hasEnded: boolean;
  readonly parent: number;
  readonly session: number;
  readonly threads: number;
  /** Pages in memory, those shared with others and those of files too. */
  readonly residentBytes: number;
  readonly cpuMs: number;
  /** Processor time of its children that have ended and that it waited for, and of theirs. */
  readonly reapedCpuMs: number;
}

/** The kernel tells processor time to everybody in these, whatever its own clock. */
const MS_PER_TICK = 10;

/** Reads `/proc/<pid>/stat`; undefined when it is not one. */
export function parseProcStat(text: string, pageBytes: number): ProcessSample | undefined {
  const nameEnd = text.lastIndexOf(')');
  const pid = Number.parseInt(text, 10);
  // The command's name is in brackets and may itself hold spaces and brackets.
  const fields = text.slice(nameEnd + 2).split(' ');
  const [, parent, , session] = fields.map(Number);
  if (nameEnd < 0 || Number.isNaN(pid) || parent === undefined || session === undefined || fields.length < 22)
    return undefined;
  const numberAt = (index: number) => Number(fields[index]);
  return {
    pid,
    start: fields[19] ?? '',
    hasEnded: fields[0] === 'Z' || fields[0] === 'X',
    parent,
    session,
    threads: numberAt(17),
    residentBytes: numberAt(21) * pageBytes,
    cpuMs: (numberAt(11) + numberAt(12)) * MS_PER_TICK,
    reapedCpuMs: (numberAt(13) + numberAt(14)) * MS_PER_TICK,
  };
}

const PS_ROW =
  /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)\s+(.+?)\s*$/;

/** What {@link parsePsTable} reads. The group stands for the session, which macOS does not tell. */
export const PS_COLUMNS = 'pid=,ppid=,pgid=,stat=,rss=,time=,lstart=';

/** Reads the table of `ps -A -o` with {@link PS_COLUMNS}, leaving out what is no row of it. */
export function parsePsTable(table: string): ProcessSample[] {
  return table.split('\n').flatMap((line) => {
    const row = PS_ROW.exec(line);
    if (row === null) return [];
    const [
      ,
      pid,
      parent,
      group,
      state = '',
      kilobytes,
      days = 0,
      hours = 0,
      minutes,
      seconds = '',
      start = '',
    ] = row;
    const wholeMinutes = (Number(days) * 24 + Number(hours)) * 60 + Number(minutes);
    return {
      pid: Number(pid),
      start,
      hasEnded: state.startsWith('Z'),
      parent: Number(parent),
      session: Number(group),
      threads: 1,
      residentBytes: Number(kilobytes) * 1024,
      cpuMs: Math.round((wholeMinutes * 60 + Number(seconds.replace(',', '.'))) * 1000),
      reapedCpuMs: 0,
    };
  });
}
