"use strict";
// Finds objects in lines: several on one line, or one over several lines, with anything around them.

const Scan = (() => {
  /** The longest object that is read: a reply that lists everything is far shorter. */
  const OBJECT_CHARS_MAX = 16 << 20;

  /** Looks for objects, line by line. */
  class Scanner {
    constructor() {
      this.open = null;
    }

    /** Takes in the next line and gives what it completes: `{line, text}`, or `{line}` for what has no end. */
    line(number, line) {
      const found = [];
      if (this.open !== null && (beginsAnew(line) || this.open.text.length > OBJECT_CHARS_MAX)) {
        found.push({ line: this.open.line });
        this.open = null;
      }
      let from = 0;
      while (from < line.length) {
        if (this.open === null) {
          from = begin(line, from);
          if (from < 0) break;
          this.open = { line: number, text: "", depth: 0, quote: null, isEscaped: false };
        }
        const end = take(this.open, line, from);
        this.open.text += line.slice(from, end);
        from = end;
        if (this.open.depth === 0) {
          found.push({ line: this.open.line, text: this.open.text });
          this.open = null;
        }
      }
      // A line may end between any two values; in a text it ends because it was too long for somebody's screen.
      if (this.open !== null && this.open.quote === null) this.open.text += "\n";
      return found;
    }

    /** The line in which an object began that has not ended; null if none has. */
    finish() {
      const line = this.open?.line ?? null;
      this.open = null;
      return line;
    }
  }

  /** Where the next object can begin: a brace, and after it a key, its end, or the next line. */
  function begin(line, from) {
    for (let at = line.indexOf("{", from); at >= 0; at = line.indexOf("{", at + 1)) {
      const next = /\S/.exec(line.slice(at + 1, at + 4096));
      if (next === null || ['"', "'", "}"].includes(next[0])) return at;
    }
    return -1;
  }

  /** Goes on in an object until it or the line ends; where that is. */
  function take(open, line, from) {
    for (let at = from; at < line.length; at += 1) {
      const c = line[at];
      if (open.quote !== null) {
        if (open.isEscaped) open.isEscaped = false;
        else if (c === "\\") open.isEscaped = true;
        else if (c === open.quote) open.quote = null;
      } else if (c === '"' || c === "'") open.quote = c;
      else if (c === "{") open.depth += 1;
      else if (c === "}") {
        open.depth -= 1;
        if (open.depth === 0) return at + 1;
      }
    }
    return line.length;
  }

  /** Whether the line holds a message by itself and not as part of a larger one, so that one before it was cut off. */
  function beginsAnew(line) {
    const start = line.indexOf("{");
    if (start < 0 || /['"]/.test(line.slice(0, start))) return false;
    const [first] = new Scanner().line(0, line.slice(start));
    return first?.text !== undefined && Decode.isMessage(first.text);
  }

  return { Scanner };
})();
