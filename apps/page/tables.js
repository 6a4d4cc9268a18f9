'use strict';
// What pages say in words: tables, and lists of facts.

/** A table; with `texts` the columns are words, and stand at the left. */
function table(head, rows, texts = false) {
  const line = (name, cells) => element('tr', {}, ...cells.map(c => element(name, {}, c)));
  return element('div', {class: 'scroll'}, element('table', {class: texts ? 'texts' : ''},
      element('thead', {}, line('th', head)), element('tbody', {}, ...rows.map(r => line('td', r)))));
}

/** A list of names and what they mean, without those that are empty. */
function facts(fields) {
  const shown = Object.entries(fields).filter(([, value]) => value);
  return element('dl', {}, ...shown.flatMap(([name, value]) =>
      [element('dt', {}, name), element('dd', {}, value)]));
}

const commandOf = (app, words) => element('code', {}, ['./muonlab', app, ...words].join(' '));

/** What was trained on, for a heading: of images that are not the protocol's own, which they are. */
const dataOf = made =>
    ['full', 'mini'].includes(made.data) ? made.protocol : `${made.protocol} (${made.data})`;

/** What the page is about, and what it found. */
function writeHead(heading, finding) {
  document.getElementById('heading').textContent = heading;
  document.getElementById('finding').textContent = finding;
  document.title = `${heading} – muonlab`;
}

/** A table before the charts. */
function writeTable(heading, note, ...rest) {
  document.getElementById('summary').append(element('h2', {}, heading),
      element('p', {class: 'note'}, note), table(...rest));
}

/** How an app made its page: what making() gives. */
function writeMade(made) {
  document.getElementById('making').append(element('h2', {}, 'How it was made'),
      facts({command: commandOf(made.app, made.words), ...machineOf(made)}));
}

/** The version, and the machine: {version, processor, threads, gpu}. */
const machineOf = made => ({
  version: made.version && `muonlab ${made.version}`,
  machine: [made.processor, `${made.threads} thread${made.threads === 1 ? '' : 's'}`, made.gpu]
      .filter(Boolean).join(', '),
});
