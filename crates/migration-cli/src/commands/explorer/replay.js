"use strict";
// Is a recording a run of the table? Each process is followed as the set of everything that may be true of it; the same
// as `cargo xtask replay` does, and the tests compare the two on every recording. How a process is understood is said
// at the head of `crates/migration-replay/src/lib.rs`.

const Replay = (() => {
  const CONFIGS_MAX = 100_000;

  /** What was seen is explained by no run. */
  class Unexplained extends Error {
    constructor(message, instead) {
      super(message);
      this.instead = instead;
    }
  }

  const list = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);

  /** Everything that may be true of a process that began long ago. One machine at most is taken to be at work. */
  function anywhere(table) {
    const openIn = (machine, state) => (Table.isIdle(machine, state) ? 0n : machine.fixed);
    let all = [[]];
    for (const machine of table.machines) {
      const here = machine.states.map((_, state) => Possibility.place(state, openIn(machine, state)));
      all = all.flatMap((before) => here.map((place) => [...before, place]));
    }
    const atWork = (places) => places.filter((place, at) => !Table.isIdle(table.machines[at], place.state)).length;
    return all.filter((places) => atWork(places) <= 1).map((places) => ({ places, settings: Settings.UNKNOWN, commands: [], unnoticed: [] }));
  }

  /** One process that is being followed. */
  class Process {
    constructor(table, names, options) {
      this.table = table;
      this.options = options;
      this.rules = new Rules.Process(table, names, options);
      this.configs = new Map();
      this.hasExited = false;
      // All that was seen, as long as it is not known how it began and no command was seen that may change something.
      this.beforeKnown = null;
    }

    begin(start) {
      this.hasExited = false;
      this.rules.requests = new Map();
      this.rules.oneAtATime = start !== "fresh" && start !== "listening";
      this.beforeKnown = start === "either" || start === "long-ago" ? [] : null;
      const places = this.table.machines.map((machine) => Possibility.place(machine.initial, 0n));
      const fresh = { places, settings: Settings.DEFAULT, commands: [], unnoticed: [] };
      if (start === "fresh") this.configs = Possibility.collect([fresh]);
      if (start === "listening") this.configs = this.listening(fresh);
      if (start === "either") this.configs = Possibility.collect([fresh, ...this.listening(fresh).values()]);
      if (start === "long-ago") this.configs = Possibility.collect(anywhere(this.table));
    }

    /** What may be true of a process that was told to wait for a guest before anybody could listen to it. */
    listening(fresh) {
      const told = this.copy();
      told.beforeKnown = null;
      told.configs = Possibility.collect([{ ...fresh, settings: Settings.publishing(fresh.settings, false) }]);
      told.sendUnanswered("migrate-incoming");
      const isDone = (config) => config.commands.every(([, phase]) => phase.is !== "sent") && Possibility.isSettled(config);
      // Whether statuses are published is not known from here on.
      const forget = (config) => ({ ...config, settings: Settings.unknownPublishing(config.settings), commands: [] });
      return Possibility.collect([...told.closure().configs.values()].filter(isDone).map(forget));
    }

    /** Takes in what was seen next. Throws `Unexplained` if no run explains it; then nothing has changed. */
    observe(seen) {
      if (this.hasExited && seen.type !== "started") throw new Unexplained("the process is gone already", this.instead());
      if (seen.type === "started") {
        this.begin(seen.start);
        return;
      }
      if (seen.type === "command") {
        this.send(seen);
        if (this.rules.requests.get(seen.id)?.wish === "trigger") this.beforeKnown = null;
      }
      if (seen.type === "ending") this.sendUnanswered("quit");
      if (seen.type === "exited") this.hasExited = true;
      if (seen.type === "published" || seen.type === "reply") {
        try {
          this.saw(seen);
        } catch (error) {
          if (!this.sawByChance(seen)) throw error;
        }
      }
      if (this.beforeKnown !== null) this.beforeKnown = [...this.beforeKnown, seen];
    }

    /** Takes in what the process said. */
    saw(seen) {
      if (seen.type === "published") this.published(seen.status);
      if (seen.type === "reply") this.replied(seen.id, seen.reply);
    }

    /**
     * The same for somebody who only looks on: as long as a recording shows no command that could change anything, and
     * not how the process began, it began long ago, and others command it. Whether that explains it.
     */
    sawByChance(seen) {
      if (this.beforeKnown === null || this.rules.unseenCommands) return false;
      const process = this.copy();
      process.begin("long-ago");
      process.rules.unseenCommands = true;
      const unknown = (config) => ({ ...config, settings: Settings.unknownPublishing(config.settings) });
      process.configs = Possibility.collect([...process.configs.values()].map(unknown));
      try {
        for (const before of this.beforeKnown) process.observe(before);
        process.saw(seen);
      } catch (error) {
        if (error instanceof Unexplained) return false;
        throw error;
      }
      Object.assign(this, { rules: process.rules, configs: process.configs, hasExited: process.hasExited, beforeKnown: null });
      return true;
    }

    send(command) {
      const request = Rules.request(this.table, this.rules.names, command);
      if (request === null) return;
      this.rules.requests.set(command.id, request);
      const sent = (config) => ({ ...config, commands: [...config.commands, [command.id, { is: "sent" }]] });
      this.configs = Possibility.collect([...this.configs.values()].map(sent));
    }

    /** Something that a command asks for, asked without one. */
    sendUnanswered(name) {
      const id = `u${this.rules.requests.size}`;
      this.send({ id, name, outOfBand: true, human: false, arguments: [], capabilities: [] });
    }

    published(status) {
      const closure = this.closure();
      const is = (id) => this.table.statuses[id].name === status;
      const next = closure.published.filter((step) => is(step.publishes)).map((step) => step.config);
      for (const config of closure.configs.values()) {
        if (config.unnoticed.length > 0 && is(config.unnoticed[0])) next.push({ ...config, unnoticed: config.unnoticed.slice(1) });
      }
      if (next.length === 0) {
        const isKnown = this.table.statuses.some((known) => known.name === status);
        const why = isKnown ? `no run publishes \`${status}\` here` : `the table has no status \`${status}\``;
        throw new Unexplained(why, this.instead(closure));
      }
      this.configs = Possibility.collect(next);
    }

    replied(id, reply) {
      const request = this.rules.requests.get(id);
      if (request === undefined) return;
      const closure = this.closure();
      const settled = [...closure.configs.values()].filter(Possibility.isSettled);
      const next = settled.map((config) => this.answered(config, id, request, reply)).filter((config) => config !== null);
      if (next.length === 0) throw new Unexplained(notReplied(request.command.name, reply), this.instead(closure));
      this.configs = Possibility.collect(next);
      this.rules.requests.delete(id);
    }

    /** What is true once the command has got its reply; null if it cannot get this one. */
    answered(config, id, request, reply) {
      const at = config.commands.findIndex(([other]) => other === id);
      if (at < 0 || !this.fits(config.commands[at][1], request, reply)) return null;
      const next = { ...config, commands: config.commands.toSpliced(at, 1) };
      if (reply.type !== "capabilities") return next;
      return { ...next, settings: this.rules.names.withCapabilities(next.settings, reply.capabilities) };
    }

    fits(phase, request, reply) {
      if (phase.is === "sent" || reply.type === "unknown") return phase.is === "sent" && reply.type === "unknown";
      if (request.command.human) return true;
      if (phase.is === "shown") {
        const name = phase.status === null ? null : this.table.statuses[phase.status].name;
        return reply.type === "status" && name === reply.status;
      }
      if (reply.type !== "refused") return phase.is !== "refused";
      if (phase.is === "ignored") return ["parameters", "capabilities"].includes(request.wish);
      return phase.is === "refused" || phase.wentWrong;
    }

    /** What can follow from what may be true, as long as nothing is seen. */
    closure() {
      const configs = new Map(this.configs);
      const published = [];
      const todo = [...configs.values()];
      while (todo.length > 0) {
        for (const step of this.rules.steps(todo.pop())) {
          if (step.publishes !== null) {
            published.push(step);
            continue;
          }
          const key = Possibility.key(step.config);
          if (!configs.has(key)) {
            configs.set(key, step.config);
            todo.push(step.config);
          }
        }
        if (configs.size > CONFIGS_MAX) throw new Unexplained("there are too many possibilities to follow", this.instead());
      }
      return { configs, published };
    }

    /** Where the machines may be and what could be seen next instead, a line each. */
    instead(closure = { configs: new Map(), published: [] }) {
      const [states, replies] = [new Map(), new Map()];
      const add = (map, key, name, text) => map.set(key, (map.get(key) ?? new Map()).set(name, text));
      const sorted = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
      const texts = (map) => list(sorted(map).map(([, text]) => text));
      for (const config of [...closure.configs.values()].filter(Possibility.isSettled)) {
        for (const [at, machine] of this.table.machines.entries()) {
          const state = machine.states[config.places[at].state];
          add(states, machine.name, state.name, `\`${state.name}\` (shows \`${this.table.statuses[state.shows].name}\`)`);
        }
        for (const [id, phase] of config.commands) {
          const request = this.rules.requests.get(id);
          // A reply without news is only worth telling for what was asked of a machine.
          if (request === undefined || phase.is === "sent" || ["capabilities", "parameters"].includes(request.wish)) continue;
          add(replies, request.command.name, this.replyWords(phase), this.replyWords(phase));
        }
      }
      const late = [...closure.configs.values()].filter((config) => config.unnoticed.length > 0 && Possibility.isSettled(config));
      const statuses = [...closure.published.map((step) => step.publishes), ...late.map((config) => config.unnoticed[0])];
      const names = statuses.map((status) => this.table.statuses[status].name);
      const published = new Map(names.map((name) => [name, `\`${name}\``]));
      return [
        ...sorted(states).map(([machine, where]) => `\`${machine}\` may be in ${texts(where)}`),
        published.size === 0 ? "no status could be published next" : `the next status could be ${texts(published)}`,
        ...sorted(replies).map(([command, what]) => `the reply to \`${command}\` could be ${texts(what)}`),
      ];
    }

    replyWords(phase) {
      if (phase.is === "refused") return "an error";
      if (phase.is === "shown") return phase.status === null ? "no status" : `status \`${this.table.statuses[phase.status].name}\``;
      return phase.wentWrong ? "success, or an error" : "success";
    }

    /** The process as it is now, to be looked at later. */
    copy() {
      const copy = new Process(this.table, this.rules.names, this.options);
      Object.assign(copy.rules, this.rules, { requests: new Map(this.rules.requests) });
      return Object.assign(copy, { configs: this.configs, hasExited: this.hasExited, beforeKnown: this.beforeKnown });
    }
  }

  function notReplied(command, reply) {
    if (reply.type === "status") return `no run shows ${reply.status === null ? "no status" : `\`${reply.status}\``} to \`${command}\` here`;
    return reply.type === "refused" || reply.type === "unknown" ? `no run refuses \`${command}\` here` : `no run lets \`${command}\` succeed here`;
  }

  return { Process, Unexplained };
})();
