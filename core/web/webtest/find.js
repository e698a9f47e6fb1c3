(() => {
  // Words as a person reads them: spaces of all kinds are one space.
  const norm = s => (s || '').replace(/[\s\u00a0]+/g, ' ').trim();
  const name = e => norm(e.getAttribute('aria-label') || (e.tagName === 'INPUT' ? e.value : e.textContent));
  const shown = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden';
  // A label without "(optional)".
  const words = l => {
    const c = l.cloneNode(true);
    c.querySelectorAll('.optional').forEach(o => o.remove());
    return norm(c.textContent);
  };
  const one = (list, what) => {
    if (list.length === 1) return list[0];
    throw new Error((list.length ? list.length + ' of ' : 'no ') + what);
  };
  const within = 'li,tr,section,article,fieldset,form,dl>div,.card,details';
  // The candidates nearest to a container that holds the words.
  const near = (list, where) => {
    if (!where) return list;
    let best = Infinity, out = [];
    for (const e of list) {
      let depth = 0, c = e.parentElement && e.parentElement.closest(within);
      while (c && !norm(c.textContent).includes(where)) {
        depth++;
        c = c.parentElement && c.parentElement.closest(within);
      }
      if (!c) continue;
      const size = c.textContent.length;
      if (size < best) { best = size; out = []; }
      if (size === best) out.push(e);
    }
    return out;
  };
  // What the page itself offers goes before the frame around it.
  const inMain = list => {
    const main = list.filter(e => e.closest('main'));
    return list.length > 1 && main.length ? main : list;
  };
  const labelled = label => [...document.querySelectorAll('label')].filter(l => words(l) === label)
    .map(l => l.control).filter(Boolean)
    .concat([...document.querySelectorAll('input,select,textarea')].filter(e => norm(e.getAttribute('aria-label')) === label));
  // What Tab should reach, in the document's order; radio buttons of a group are one stop.
  const controls = () => {
    const groups = new Set();
    return [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex="0"]')].filter(e => {
      if (!shown(e) || e.disabled || e.tabIndex < 0) return false;
      if (e.type !== 'radio') return true;
      const group = [...document.querySelectorAll('input[type=radio]')].filter(r => r.name === e.name && r.form === e.form);
      const key = e.name + '/' + [...document.forms].indexOf(e.form);
      const stop = group.find(r => r.checked) || group[0];
      if (groups.has(key) || e !== stop) return false;
      groups.add(key);
      return true;
    });
  };
  const describe = e => e.tagName.toLowerCase() + ' "' + (name(e) || e.id) + '"';
  return {
    stops: () => controls().map(describe),
    focus: () => {
      const e = document.activeElement;
      const index = controls().indexOf(e);
      if (index < 0) return { index, name: describe(e), outline: 0, covered: false };
      e.scrollIntoView({ block: 'nearest', behavior: 'instant' });
      const r = e.getClientRects()[0], css = getComputedStyle(e);
      const at = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
      return { index, name: describe(e), outline: css.outlineStyle === 'none' ? 0 : parseFloat(css.outlineWidth),
        covered: !at || !(e.contains(at) || at.contains(e)) };
    },
    control: (label, where) => one(near(labelled(label).filter(e => !['radio', 'checkbox'].includes(e.type)), where), 'field "' + label + '"'),
    choice: (label, where) => one(near(labelled(label).filter(e => ['radio', 'checkbox'].includes(e.type)), where), 'choice "' + label + '"'),
    press: (label, where) => one(inMain(near([...document.querySelectorAll('a[href],button,input[type=submit],summary')]
      .filter(e => name(e) === label && shown(e) && !e.closest('[aria-hidden=true]')), where)), 'button or link "' + label + '"'),
    pick: (select, text) => {
      const o = one([...select.options].filter(o => norm(o.textContent) === text), 'option "' + text + '"');
      select.value = o.value;
    },
    main: () => norm((document.querySelector('main') || document.body).innerText),
    all: () => norm(document.body.innerText),
    heading: () => norm((document.querySelector('h1') || {}).textContent),
    // What sticks out sideways, for the reflow check.
    overflow: () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    controls: () => [...document.querySelectorAll('label,button,a[href],legend')].filter(shown).map(e => e.tagName.toLowerCase() + ' ' + words(e)),
  };
})()
