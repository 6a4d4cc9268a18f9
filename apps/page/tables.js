'use strict';
// What pages write with: tables, and lists of facts.

/** A table. With `texts` its columns hold words, and are aligned to the left. */
function table(head, rows, texts = false) {
  const line = (name, cells) => element('tr', {}, ...cells.map(c => element(name, {}, c)));
  return element('div', {class: 'scroll'}, element('table', {class: texts ? 'texts' : ''},
      element('thead', {}, line('th', head)), element('tbody', {}, ...rows.map(r => line('td', r)))));
}

/** A list of `fields`, {name: value}, without those whose value is empty. */
function facts(fields) {
  const shown = Object.entries(fields).filter(([, value]) => value);
  return element('dl', {}, ...shown.flatMap(([name, value]) =>
      [element('dt', {}, name), element('dd', {}, value)]));
}

const commandOf = (app, words) => element('code', {}, ['./muonlab', app, ...words].join(' '));

/** The data for a heading: the protocol's name, and which data if they are not its own. */
const dataOf = made =>
    ['full', 'mini'].includes(made.data) ? made.protocol : `${made.protocol} (${made.data})`;

/** Writes what the page is about, and what it found. */
function writeHead(heading, finding) {
  document.getElementById('heading').textContent = heading;
  document.getElementById('finding').textContent = finding;
  document.title = `${heading} – muonlab`;
}

/** Adds a table before the charts. */
function writeTable(heading, note, ...rest) {
  document.getElementById('summary').append(element('h2', {}, heading),
      element('p', {class: 'note'}, note), table(...rest));
}

/** Writes how an app made its page; `made` is what making() returned. */
function writeMade(made) {
  document.getElementById('making').append(element('h2', {}, 'How it was made'),
      facts({command: commandOf(made.app, made.words), ...machineOf(made)}));
}

/** The facts "version" and "machine", from {version, processor, threads, gpu}. */
const machineOf = made => ({
  version: made.version && `muonlab ${made.version}`,
  machine: [made.processor, `${made.threads} thread${made.threads === 1 ? '' : 's'}`, made.gpu]
      .filter(Boolean).join(', '),
});
