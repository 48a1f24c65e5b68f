"use strict";
// Messages as Python prints them: `qmp-shell` shows events so, with `'` around texts.

const Python = (() => {
  const WORDS = new Map([["True", "true"], ["False", "false"], ["None", "null"]]);

  /** The same as JSON, if its first text is in such quotes; null otherwise. It may still be no JSON. */
  function asJson(text) {
    const first = text.search(/['"]/);
    if (first < 0 || text[first] !== "'") return null;
    let json = "";
    let at = 0;
    while (at < text.length) {
      const c = text[at];
      if (c === "'" || c === '"') {
        const [whole, end] = string(text, at);
        json += whole;
        at = end;
      } else if (/\p{Alphabetic}/u.test(c)) {
        const word = /^[\p{Alphabetic}\p{N}]+/u.exec(text.slice(at))[0];
        json += WORDS.get(word) ?? word;
        at += word.length;
      } else {
        json += c;
        at += 1;
      }
    }
    return json;
  }

  /** The text that begins with the quote at a place, as JSON, and where it ends. */
  function string(text, start) {
    let json = '"';
    let at = start + 1;
    for (; at < text.length && text[at] !== text[start]; at += 1) {
      const c = text[at];
      if (c === '"') json += '\\"';
      else if (c !== "\\") json += c;
      else {
        at += 1;
        // Of characters that are written as numbers, only those with `x` are of one width.
        if (text[at] === "'") json += "'";
        else if (text[at] === "x") json += "\\u00";
        else json += `\\${text[at] ?? ""}`;
      }
    }
    return [`${json}"`, at + 1];
  }

  return { asJson };
})();
