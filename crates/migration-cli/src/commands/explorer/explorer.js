"use strict";
// The page: what it shows, and what happens when the reader does something.

const Explorer = (() => {
  const { button, el } = Dom;
  const find = (id) => document.getElementById(id);
  // A file larger than this is no walk that anyone has taken.
  const WALK_BYTES_MAX = 1 << 20;

  class App {
    constructor(data) {
      this.data = data;
      this.table = Table.read(data.table);
      this.tab = "walk";
      this.shown = this.table.machines[0]?.name ?? "*";
      this.chosen = null;
      this.walk = new Walking.Walk(this.table);
      this.player = new Timeline.Timeline(this);
      // What is selected in the lists of any other evidence.
      this.other = {};
      this.zoom = "fit";
      // What was said of the last thing that was done, where the panels do not show it themselves.
      this.note = null;
    }

    /** Says something for everybody: it stands above the walk until the next thing is done. */
    tell(kind, text) {
      this.note = { kind, text };
      this.refresh();
      Dom.say(text);
    }

    tabs() {
      const all = [["walk", "Walk"], ["recordings", "Recordings"]];
      return this.data.difference ? [...all, ["changes", "Differences"]] : all;
    }

    shownMachines() {
      const all = this.table.machines;
      return this.shown === "*" ? all : all.filter((machine) => machine.name === this.shown);
    }

    // What the reader does.

    setTab(tab) {
      if (!this.tabs().some(([name]) => name === tab)) return false;
      this.tab = tab;
      if (tab !== "recordings") this.player.stop();
      // What a recording or a difference says is about all of them.
      if (tab !== "walk" && this.table.machines.length > 1) this.shown = "*";
      this.figures();
      return true;
    }

    /** Goes to a tab beside the present one, with the focus. */
    nextTab(by) {
      const names = this.tabs().map(([name]) => name);
      this.setTab(names.at((names.indexOf(this.tab) + by) % names.length));
      find(`tab-${this.tab}`).focus();
      return true;
    }

    show(name) {
      this.shown = name;
      this.figures();
      Dom.say(name === "*" ? "all machines are shown" : `${name} is shown`);
    }

    nextMachine() {
      const names = [...this.table.machines.map((machine) => machine.name), "*"];
      this.show(names[(names.indexOf(this.shown) + 1) % names.length]);
      return true;
    }

    setCarries(carries) {
      this.walk.carries = carries;
      if (carries && this.table.machines.length > 1) this.shown = "*";
      this.figures();
      Dom.say(carries ? "messages go from machine to machine" : "messages are reported by hand");
    }

    /** Chooses something, or nothing any more if it was chosen. `reveal` brings a row that was chosen into view. */
    choose(chosen, { reveal = false } = {}) {
      const isSame = JSON.stringify(chosen) === JSON.stringify(this.chosen);
      this.chosen = isSame ? null : chosen;
      if (reveal && this.shown !== "*" && this.shown !== chosen.machine) this.show(chosen.machine);
      else this.refresh();
      if (this.chosen === null) return true;
      if (reveal) this.revealRow(chosen);
      const what = chosen.state ?? chosen.fact ?? (chosen.line ? `line ${chosen.line}` : "the arrow");
      Dom.say(`${what} is chosen; what is known of it is below the pictures`);
      return true;
    }

    revealRow({ machine, line }) {
      const figure = document.querySelector(`#figures > figure[data-machine="${CSS.escape(machine)}"]`);
      const [arrow] = figure === null ? [] : Picture.ofLine(figure, line);
      if (arrow === undefined) return;
      figure.scrollIntoView({ block: "nearest" });
      Picture.reveal(figure, arrow.element);
    }

    /** Shows where a row is in the pictures, as long as somebody points at what speaks of it; null: at nothing. */
    point(spot) {
      for (const figure of document.querySelectorAll("#figures > figure")) {
        for (const { element } of Picture.arrows(figure)) element.classList.remove("pointed");
        if (spot === null || figure.dataset.machine !== spot.machine) continue;
        for (const { element } of Picture.ofLine(figure, spot.line)) element.classList.add("pointed");
      }
    }

    take(step) {
      this.note = null;
      try {
        const happened = this.walk.take(step);
        this.refresh();
        const words = happened.map(({ machine, doing, outcome }) => `${machine}: ${doing.verb} ${doing.name}${outcome === null ? "" : `: ${Walk.words(outcome)}`}`);
        Dom.say(words.join(". ") || `${step.verb} the connection`);
        this.reveal(this.table.machines.filter((machine) => happened.some((it) => it.machine === machine.name)));
      } catch (error) {
        this.tell("stop", error.message);
      }
      return true;
    }

    /** Brings into view where these machines are, in their pictures. */
    reveal(machines) {
      for (const figure of document.querySelectorAll("#figures > figure")) {
        const machine = machines.find((known) => known.name === figure.dataset.machine);
        if (machine === undefined) continue;
        const where = this.tab === "recordings" ? this.player.whereabouts(machine) : null;
        const [state] = where === null ? [this.walk.run(machine).state] : where.now;
        if (state !== undefined) Picture.reveal(figure, Picture.node(figure, machine, machine.states[state].name));
      }
    }

    /** How many triggers and events of what is shown have a number. */
    places() {
      return document.querySelectorAll("#side button.choice").length;
    }

    /** Does what has that number among the triggers and events of what is shown. */
    numbered(number) {
      const choice = document.querySelectorAll("#side button.choice")[number - 1];
      choice?.click();
      return choice !== undefined;
    }

    /** Walks to where a client sees what a finding says. */
    walkEvidence(machine, finding) {
      this.walk.reset();
      this.walk.carries = false;
      for (const step of finding.walk) this.walk.take({ machine: machine.name, ...step });
      this.setTab("walk");
      this.show(machine.name);
      this.tell("go", `${finding.rule}: ${finding.message}`);
      // What is said, and the picture, are at the top.
      find("side").scrollTop = 0;
      find("side").focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }

    undo() {
      return this.go(this.walk.at - 1);
    }

    redo() {
      return this.go(this.walk.at + 1);
    }

    go(at) {
      if (!this.walk.go(at)) return false;
      this.note = null;
      this.refresh();
      Dom.say(`after ${at} steps: ${this.shownMachines().map((machine) => `${machine.name} in ${machine.states[this.walk.run(machine).state].name}`).join(", ")}`);
      return true;
    }

    reset() {
      this.walk.reset();
      this.note = null;
      this.refresh();
      Dom.say("back at the beginning");
    }

    saveWalk(machine) {
      Dom.download(`${machine.name}.walk`, Walk.write(this.table.file, machine.name, this.walk.of(machine)));
    }

    /** Opens a saved walk that the reader dropped or chose. */
    async open(file) {
      if (file === undefined || file === null) return;
      const isWalk = file.name.endsWith(".walk") && file.size <= WALK_BYTES_MAX;
      if (isWalk) this.openWalk(file.name, await file.text());
      else {
        this.setTab("walk");
        this.tell("stop", `${file.name} is no saved walk. A recording is played by the page that this command makes: \`${this.data.command}\``);
      }
    }

    openWalk(name, text) {
      this.setTab("walk");
      try {
        const walk = Walk.read(text);
        const machine = Table.machine(this.table, walk.machine);
        if (machine === undefined) throw new Error(`the table has no machine \`${walk.machine}\``);
        this.walk.reset();
        this.walk.carries = false;
        this.shown = machine.name;
        let differs = 0;
        for (const { doing, then } of walk.steps) {
          const [{ outcome }] = this.walk.take({ machine: machine.name, ...doing });
          differs += then !== null && outcome !== null && Walk.words(outcome, walk.givesReasons) !== then ? 1 : 0;
        }
        this.figures();
        if (differs === 0) this.tell("go", `${name}: ${walk.steps.length} steps, all as they were saved`);
        else this.tell("wait", `${name}: ${differs} of ${walk.steps.length} steps come out otherwise than they were saved`);
      } catch (error) {
        this.figures();
        this.tell("stop", `${name}: ${error.message}`);
      }
    }

    help() {
      find("help").showModal();
      return true;
    }

    // What the page shows.

    /** A name that chooses what it names. */
    link(chosen, text = chosen.state ?? chosen.fact) {
      return button(`link-${JSON.stringify(chosen)}`, () => this.choose(chosen), { class: "link" }, text);
    }

    /** The question mark beside a fact. */
    ask(chosen) {
      return button(`ask-${JSON.stringify(chosen)}`, () => this.choose(chosen), { class: "ask", "aria-label": `what ${chosen.fact} is` }, "?");
    }

    /** Draws everything, the pictures too. */
    figures() {
      Dom.put(find("figures"), this.shownMachines().map((machine) => this.figure(machine)));
      this.fit();
      this.refresh();
      this.reveal(this.shownMachines());
    }

    /** Makes the pictures as large as is wanted, in the room that there is. */
    fit() {
      const figures = document.querySelectorAll("#figures > figure");
      // What the lines mean is said once, below the last picture.
      for (const [at, figure] of figures.entries()) Picture.trim(figure, this.zoom, at === figures.length - 1);
    }

    figure(machine) {
      const canvas = el("div", { class: "canvas", role: "group", "aria-label": `picture of ${machine.name}: arrow keys go from state to state` });
      const changes = `changes-${machine.name}`;
      const name = this.tab === "changes" && Object.hasOwn(this.data.pictures, changes) ? changes : `whole-${machine.name}`;
      const picture = Picture.make(name);
      canvas.append(picture ?? el("p", { class: "quiet" }, "This machine has no picture here."));
      // What the marks mean stands below, so that the picture stays where it is when there are others.
      const figure = el("figure", { "data-machine": machine.name }, el("figcaption", null), canvas, el("ul", { class: "signs", "aria-label": "what the marks mean" }));
      Picture.enliven(figure, machine, this.data.pictures[name] ?? { prefix: machine.name, arrows: [] }, (chosen) => this.choose(chosen));
      return figure;
    }

    /** Shows the present moment: panels, marks, address. */
    refresh() {
      const panels = { walk: Stepper, recordings: Player, changes: Changes };
      Dom.put(find("tabs"), this.tabs().map(([name, words]) => button(`tab-${name}`, () => this.setTab(name),
        { role: "tab", id: `tab-${name}`, "aria-selected": String(name === this.tab), "aria-controls": "side", tabindex: name === this.tab ? "0" : "-1" }, words)));
      find("side").setAttribute("aria-labelledby", `tab-${this.tab}`);
      Dom.put(find("bar"), this.bar());
      Dom.put(find("side"), panels[this.tab].render(this));
      Dom.put(find("detail"), Detail.render(this));
      find("detail").classList.toggle("has-choice", this.chosen !== null);
      for (const figure of document.querySelectorAll("#figures > figure")) Marking.mark(this, figure);
      for (const list of document.querySelectorAll("#history, #lines")) keepInView(list);
      Address.write(this);
    }

    bar() {
      const names = this.table.machines.map((machine) => machine.name);
      const all = names.length > 1 ? [...names, "*"] : names;
      const choice = (name) => button(`show-${name}`, () => this.show(name), { "aria-pressed": String(name === this.shown), id: `show-${name === "*" ? "all" : name}` }, name === "*" ? (names.length === 2 ? "both" : "all") : name);
      const zooms = ["fit", "100%", "150%"].map((zoom) => button(`zoom-${zoom}`, () => this.setZoom(zoom), { "aria-pressed": String(zoom === this.zoom) }, zoom));
      return [el("div", { class: "row group", role: "group", "aria-label": "Which machines" }, all.map(choice)), el("div", { class: "row group zooms", role: "group", "aria-label": "Size of the pictures" }, zooms)];
    }

    setZoom(zoom) {
      this.zoom = zoom;
      this.figures();
    }
  }

  /** Keeps the present one of a list in view, within the list alone. */
  function keepInView(list) {
    const current = list.querySelector("[aria-current]");
    if (current === null) return;
    const [outer, inner] = [list.getBoundingClientRect(), current.getBoundingClientRect()];
    if (inner.top < outer.top || inner.bottom > outer.bottom) list.scrollTop += inner.top - outer.top - outer.height / 2;
  }

  function dropping(app) {
    const shade = (isOn) => { find("drop").hidden = !isOn; };
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      shade(true);
    });
    document.addEventListener("dragleave", (event) => shade(event.relatedTarget !== null));
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      shade(false);
      app.open(event.dataTransfer.files[0]);
    });
  }

  function start() {
    const app = new App(JSON.parse(find("data").textContent));
    find("name").textContent = app.table.name;
    find("file").textContent = app.table.file;
    Dom.put(find("help-body"), Keys.help());
    find("help-open").addEventListener("click", () => app.help());
    find("skip").addEventListener("click", () => find("side").focus());
    Theme.listen();
    dropping(app);
    Keys.listen(app);
    Address.read(app);
    app.figures();
    window.addEventListener("resize", () => app.fit());
    window.addEventListener("hashchange", () => {
      app.walk.reset();
      Address.read(app);
      app.figures();
    });
    Live.begin(app);
    return app;
  }

  return { start };
})();

globalThis.explorer = Explorer.start();
