// INFO: which sections an argument list asks for, and their text.
import type { ServerCore } from '../server.ts';
import { MEMORY } from './memory_section.ts';
import type { Section } from './section.ts';
import { SERVER } from './server_section.ts';
import { CLIENTS, CLUSTER, CPU, KEYSPACE, MODULES, PERSISTENCE, REPLICATION } from './state_sections.ts';
import { COMMANDSTATS, ERRORSTATS, LATENCYSTATS, STATS } from './stats_sections.ts';

/** In the order INFO prints them. */
const SECTIONS: readonly Section[] = [
  SERVER,
  CLIENTS,
  MEMORY,
  PERSISTENCE,
  STATS,
  REPLICATION,
  CPU,
  MODULES,
  COMMANDSTATS,
  ERRORSTATS,
  LATENCYSTATS,
  CLUSTER,
  KEYSPACE,
];

/** The text of INFO for these section names (in any case); none means the default ones. Unknown names give nothing. */
export function infoText(server: ServerCore, names: readonly string[]): string {
  const wanted = new Set<Section>();
  const ask = names.length === 0 ? ['default'] : names.map((name) => name.toLowerCase());
  for (const name of ask) {
    for (const section of SECTIONS) {
      const all = name === 'all' || name === 'everything';
      if (all || section.name === name || (name === 'default' && section.byDefault)) wanted.add(section);
    }
  }
  return SECTIONS.filter((section) => wanted.has(section))
    .map((section) => {
      const lines = section.fields(server).map(([name, value]) => `${name}:${value}\r\n`);
      return `# ${section.title}\r\n${lines.join('')}`;
    })
    .join('\r\n');
}
