"use strict";
// What programs put around a session: the headers of `socat -v` before each piece, and what a terminal shows of a line.

const Socat = (() => {
  /** The carriage return before the end of a line, as it is written. */
  const RETURN = "\\r";
  const HEADER = /^[<>]\s+[^\s/]*\/[^\s/]*\/[^\s/]*\s+[^\s:]*:[^\s:]*:[^\s:]*\s+length=\d+\s+from=\d+\s+to=\d+\s*$/;

  /** Where a header begins that ends with the line, and the way of what follows it; null if there is none. */
  function header(line) {
    for (const { index } of line.matchAll(/[<>]/g)) {
      if (HEADER.test(line.slice(index))) return { at: index, way: line[index] === "<" ? "back" : "forth" };
    }
    return null;
  }

  /** Follows the headers. A piece may begin in the middle of an object. */
  class Pieces {
    constructor() {
      Object.assign(this, { way: "forth", hasHeaders: false, hasReturns: false });
    }

    /** The text of a line and its way; null if it is the same text once more. */
    line(line, endsInReturn) {
      const { way } = this;
      const next = line.includes("length=") ? header(line) : null;
      if (next !== null) {
        Object.assign(this, { way: next.way, hasHeaders: true });
        return { way, text: line.slice(0, next.at) };
      }
      if (!line.endsWith(RETURN)) return this.hasReturns && endsInReturn ? null : { way, text: line };
      this.hasReturns = this.hasHeaders;
      return { way, text: line.slice(0, -RETURN.length) };
    }
  }

  /** A line as a terminal would show it: recordings of terminals hold escape sequences and corrected typing errors. */
  function shown(line) {
    const whole = line.replace(/[\r\n]+$/, "");
    if (!/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/.test(whole)) return whole;
    const plain = whole.replace(/\u001b(?:\[[^@-~]*(?:[@-~]|$)|\][^\u0007\\]*(?:[\u0007\\]|$)|[^[\]]|$)/gsu, "");
    let out = [];
    for (const c of plain) {
      if (c === "\b") out.pop();
      else if (c === "\r") out = [];
      else if (!/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/.test(c)) out.push(c);
    }
    return out.join("");
  }

  return { Pieces, shown };
})();
