// One deck of flashcards for a page and for a notebook. All state is in Python: this
// module shows a view and sends intents. Text of cards is only ever inserted as text.

const KEYS = [
  ["Space, Enter", "show the answer, remembered, next card"],
  ["1 to 4", "grade (1 forgotten, 2 with effort, 3 remembered, 4 at once), or choose"],
  ["o", "I was right: count the last answer"],
  ["u", "undo the last answer"],
  ["f", "flag: something is wrong with this card"],
  ["s", "suspend: never show this card again"],
  ["p", "hear the term"],
  ["Esc", "leave the text field, so that the keys act"],
  ["?", "these keys"],
];
const DECKS = { number: 0 };

/** Make an element: attributes, "on..." listeners, and children (text stays text). */
function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null && child !== ""));
  return node;
}

/** Show a deck in an element; `send` takes an intent and promises a view. */
export function mount(el, send, { view = null, grab = false } = {}) {
  const deck = new Deck(send);
  el.append(deck.root);
  if (view) deck.render(view, grab);
  deck.act("show", {}, grab);
  return deck;
}

class Deck {
  constructor(send) {
    this.send = send;
    this.tab = crypto.randomUUID?.() ?? String(Math.random());
    this.name = `mlcards-${++DECKS.number}-${this.tab.slice(0, 8)}`;
    this.view = null;
    this.busy = false;
    this.build();
  }

  build() {
    this.count = h("span", { class: "mlcards-count", id: `${this.name}-count` });
    this.bar = h("progress", { max: 1, value: 0, "aria-labelledby": this.count.id });
    this.card = h("div", { class: "mlcards-card", tabindex: -1 });
    this.status = h("div", { class: "mlcards-status", role: "status" });
    this.trouble = h("div", { class: "mlcards-trouble", role: "alert", hidden: true });
    this.tools = h("div", { class: "mlcards-tools", role: "group", "aria-label": "Tools" });
    this.undo = this.tool("Undo", "u", () => this.act("undo"));
    this.flag = this.tool("Flag", "f", () => this.ask());
    this.suspend = this.tool("Suspend", "s", () => this.act("suspend"));
    this.help = this.tool("Keys", "?", () => this.keys.showModal());
    this.tools.append(this.undo, this.flag, this.suspend, this.help);
    this.keys = this.dialog("Keys", [
      h("dl", {}, KEYS.map(([key, text]) => [h("dt", {}, key), h("dd", {}, text)]).flat()),
      h("div", { class: "mlcards-row" }, h("button", { type: "submit" }, "Close")),
    ]);
    this.note = h("input", { id: `${this.name}-note`, maxlength: 500, autocomplete: "off" });
    this.flagging = this.dialog(
      "Flag this card",
      [
        h("label", { for: this.note.id }, "What is wrong with it? You may leave this empty."),
        this.note,
        h("div", { class: "mlcards-row" },
          h("button", { type: "submit", class: "mlcards-main" }, "Flag"),
          h("button", { type: "button", onclick: () => this.flagging.close() }, "Cancel")),
      ],
      () => this.act("flag", { text: this.note.value }),
    );
    this.root = h(
      "section",
      {
        class: "mlcards", "aria-label": "Flashcards", tabindex: -1,
        // JupyterLab looks for this before it takes a key for itself.
        "data-lm-suppress-shortcuts": "true",
        onkeydown: (event) => this.key(event),
      },
      h("header", { class: "mlcards-head" }, this.count, this.bar),
      this.card, this.status, this.trouble, this.tools, this.keys, this.flagging,
    );
  }

  tool(word, key, act) {
    return h("button", { type: "button", "aria-keyshortcuts": key, onclick: act },
      `${word} `, h("kbd", { "aria-hidden": "true" }, key));
  }

  dialog(title, content, done = () => {}) {
    const name = `${this.name}-${title.split(" ")[0]}`;
    const form = h("form", {
      onsubmit: (event) => { event.preventDefault(); dialog.close(); done(); },
    }, h("h2", { id: name }, title), content);
    const dialog = h("dialog", { "aria-labelledby": name, onclose: () => this.focus() }, form);
    return dialog;
  }

  ask() {
    if (this.flag.disabled) return;
    this.note.value = "";
    this.flagging.showModal();
    this.note.focus();
  }

  /** Send an intent; on failure say so and leave everything as it is, to try again. */
  async act(what, more = {}, grab = this.root.contains(document.activeElement)) {
    if (this.busy) return;
    this.busy = true;
    const ms = this.since ? Math.round(performance.now() - this.since) : null;
    const intent = { seq: this.view?.seq ?? 0, do: what, tab: this.tab, ms, ...more };
    const slow = setTimeout(() => this.root.setAttribute("aria-busy", "true"), 400);
    try {
      const view = await this.send(intent);
      this.trouble.hidden = true;
      this.trouble.replaceChildren();
      if (what !== "show" || view.seq !== this.view?.seq) this.render(view, grab);
    } catch (error) {
      this.fail(error, () => this.act(what, more, true));
    } finally {
      clearTimeout(slow);
      this.root.removeAttribute("aria-busy");
      this.busy = false;
    }
  }

  fail(error, again) {
    const retry = h("button", { type: "button", onclick: again }, "Try again");
    this.trouble.replaceChildren(
      h("p", {}, error.message), error.final ? "" : retry,
    );
    this.trouble.hidden = false;
  }

  render(view, grab) {
    const fresh = view.seq !== this.view?.seq || view.phase !== this.view?.phase;
    const kept = fresh ? null : this.input?.value;
    if (view.phase === "front" && fresh) this.since = performance.now();
    this.view = view;
    this.input = null;
    this.goal = null;
    this.actions = {};
    this.progress(view);
    this.card.dataset.phase = view.phase;
    this.card.replaceChildren(...(view.phase === "end" ? this.end(view) : this.sides(view)));
    if (kept != null && this.input) this.input.value = kept;
    this.status.replaceChildren(...this.says(view));
    this.undo.disabled = !view.can_undo;
    this.suspend.disabled = !view.can_suspend;
    this.flag.disabled = view.phase === "end";
    if (grab) this.focus();
  }

  focus() {
    (this.goal ?? this.input ?? this.card).focus({ preventScroll: false });
  }

  progress({ progress: { done, right, left, new: fresh }, phase }) {
    this.bar.max = Math.max(1, done + left);
    this.bar.value = phase === "end" ? this.bar.max : done;
    this.count.textContent = `${done} done, ${right} right, ${left} to go`
      + (fresh ? ` (${fresh} new)` : "");
  }

  says({ notice, verdict, torn, seq }) {
    const lines = [];
    if (verdict) {
      const word = verdict.right ? "Right" : "Not yet";
      lines.push(h("p", { class: "mlcards-sr" }, `${word}. ${verdict.message}`));
    }
    if (notice) lines.push(h("p", {}, notice));
    if (torn && seq === 0) {
      lines.push(h("p", {}, `${torn} damaged line${torn > 1 ? "s" : ""} of your log `
        + "could not be read and was set aside. All other answers count."));
    }
    return lines;
  }

  sides(view) {
    const front = this.front(view);
    if (view.phase === "front") return [...front, this.answering(view)];
    const parts = [...front];
    if (view.phase === "verdict") parts.push(this.verdict(view.verdict));
    parts.push(this.back(view));
    parts.push(view.phase === "verdict" ? this.onward(view.verdict) : this.grading(view));
    return parts;
  }

  front({ card, phase }) {
    const short = card.code === "rec" || card.code === "plain";
    const lines = card.lines.map(({ before, after }) => h(
      "p", { class: short ? "mlcards-term" : "mlcards-line", lang: card.lang },
      before,
      after == null ? "" : h("span", { class: "mlcards-gap" },
        h("span", { class: "mlcards-sr" }, "blank")),
      after ?? "",
    ));
    return [
      h("h2", { class: "mlcards-prompt", id: `${this.name}-prompt` }, card.prompt),
      card.audience ? h("p", { class: "mlcards-audience" }, `To: ${card.audience}`) : "",
      ...lines,
      phase === "front" || card.sound ? this.sound(card.sound, card.lines[0]?.before) : "",
    ].filter(Boolean);
  }

  sound(sound, text) {
    if (!sound) return "";
    const accents = sound.us === sound.uk
      ? [["en-US", "", sound.us]] : [["en-US", "US", sound.us], ["en-GB", "UK", sound.uk]];
    const speaks = "speechSynthesis" in globalThis;
    if (speaks) this.actions.p = () => speak(text, "en-US");
    return h("p", { class: "mlcards-sound" }, accents.map(([lang, name, ipa]) => {
      const said = [name ? h("span", { class: "mlcards-accent" }, name) : "",
        h("span", { lang: "en-fonipa" }, ipa)];
      if (!speaks) return h("span", {}, said);
      return h("button", {
        type: "button", onclick: () => speak(text, lang),
        "aria-label": `Hear ${text}${name ? `, ${name}` : ""}, ${ipa}`,
      }, said, h("span", { class: "mlcards-speaker", "aria-hidden": "true" }));
    }));
  }

  answering({ card }) {
    if (card.asks === "recall") {
      const turn = () => this.act("turn");
      Object.assign(this.actions, { " ": turn, Enter: turn });
      return this.goal = this.button("Show the answer", turn, "Space", true);
    }
    if (card.asks === "choose") {
      const buttons = card.choices.map((choice, place) => {
        const choose = () => this.act("answer", { text: choice });
        this.actions[place + 1] = choose;
        return h("button", { type: "button", class: "mlcards-choice", onclick: choose },
          h("kbd", { "aria-hidden": "true" }, place + 1), h("span", {}, choice));
      });
      this.goal = this.card;
      return h("div", { class: "mlcards-choices", role: "group",
        "aria-labelledby": `${this.name}-prompt` }, buttons);
    }
    return this.form(card);
  }

  form(card) {
    const say = card.asks === "say";
    const spot = card.code === "spot";
    const common = {
      "aria-labelledby": `${this.name}-prompt`, autocomplete: "off", autocapitalize: "off",
      autocorrect: "off", spellcheck: "false", lang: card.lang, maxlength: 4000,
      enterkeyhint: "done", class: "mlcards-input",
    };
    this.input = h(say || spot ? "textarea" : "input", { ...common, rows: say ? 4 : 2 });
    if (spot) this.input.value = card.lines[0].before;
    const submit = () => this.act(say ? "turn" : "answer", { text: this.input.value });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        if (!event.repeat) submit();
      }
    });
    return h("div", { class: "mlcards-answering" }, this.input,
      this.button(say ? "Compare" : "Check", submit, "Enter", true));
  }

  verdict({ right, outcome, message, diff }) {
    const word = right ? (outcome === "typo" ? "Right, with a slip" : "Right") : "Not yet";
    const rows = [["You", "typed", "insert", "del"], ["Right", "wanted", "delete", "ins"]];
    // The status line below says it to a screen reader.
    return h("div", { class: `mlcards-verdict mlcards-${right ? "right" : "wrong"}` },
      h("p", { "aria-hidden": "true" }, h("strong", {}, `${word}.`),
        ` ${message.replace(/^Right\.\s*/, "")}`),
      diff.length ? h("div", { class: "mlcards-diff" }, rows.map(([name, side, skip, tag]) =>
        h("p", {}, h("span", { class: "mlcards-who" }, name), h("span", {},
          diff.filter(({ kind }) => kind !== skip).map((piece) =>
            piece.kind === "equal" ? piece[side] : h(tag, {}, piece[side])))))) : "");
  }

  back({ card, back, marks, said, phase }) {
    const part = (name, text) => text
      ? h("p", { class: `mlcards-${name.toLowerCase().replace(/ /g, "-")}` },
        h("span", { class: "mlcards-label" }, name), text) : "";
    const shown = card.lines.map(({ before }) => before);
    const answer = h("p", {
      class: `mlcards-answer${back.answer.length < 40 ? " mlcards-short" : ""}`, lang: card.lang,
    }, back.answer);
    const side = h("div", { class: "mlcards-back", tabindex: -1 },
      said ? part("You", said) : "",
      marks ? this.marks(marks, back) : "",
      said || marks ? h("p", { class: "mlcards-label" }, "For example") : "",
      answer,
      this.sound(back.sound, back.answer),
      part("Meaning", shown.includes(back.definition) ? "" : back.definition),
      part("Plain words", back.plain),
      part("Note", back.note),
      part("Saying it", (back.sound ?? card.sound)?.note),
      back.examples.length ? h("ul", { class: "mlcards-examples" },
        back.examples.map((text) => h("li", {}, text))) : "",
      back.checks.length ? this.checks(back.checks, card) : "");
    if (phase === "back") this.goal = side;
    return side;
  }

  marks({ words, jargon, too_long }) {
    const lines = [];
    if (words) lines.push(`${words} word${words > 1 ? "s" : ""}${too_long ? ", at most 40 are wanted." : "."}`);
    if (jargon.length) lines.push(`They may not know: ${jargon.join(", ")}.`);
    return lines.length ? h("p", { class: "mlcards-note" }, lines.join(" ")) : "";
  }

  checks(checks, card) {
    const legend = card.asks === "say" ? "Did you say it?" : "Is it so?";
    return h("fieldset", { class: "mlcards-checks" }, h("legend", {}, legend),
      checks.map((text) => h("label", {}, h("input", { type: "checkbox" }), h("span", {}, text))));
  }

  onward({ can_override }) {
    const next = () => this.act("next");
    Object.assign(this.actions, { " ": next, Enter: next });
    const buttons = [this.goal = this.button("Next card", next, "Space", true)];
    if (can_override) {
      this.actions.o = () => this.act("override");
      buttons.push(this.button("I was right", this.actions.o, "o"));
    }
    return h("div", { class: "mlcards-row" }, buttons);
  }

  grading({ grades }) {
    if (!grades.length) {
      const next = () => this.act("next");
      Object.assign(this.actions, { " ": next, Enter: next });
      return h("div", { class: "mlcards-row" }, this.button("Next card", next, "Space", true));
    }
    const grade = (rating) => () => this.act("grade", { rating });
    for (const rating of [1, 2, 3, 4]) this.actions[rating] = grade(rating);
    Object.assign(this.actions, { " ": grade(3), Enter: grade(3) });
    return h("div", { class: "mlcards-row", role: "group", "aria-label": "How was it?" },
      grades.map(({ rating, word, wait }) => {
        const button = this.button(word, grade(rating), String(rating), rating === 3);
        if (wait) button.append(h("small", {}, `again in ${wait}`));
        return button;
      }));
  }

  button(word, act, key, main = false) {
    return h("button", { type: "button", class: main ? "mlcards-main" : null, onclick: act },
      h("span", {}, `${word} `, h("kbd", { "aria-hidden": "true" }, key)));
  }

  end({ summary, progress }) {
    const { done, right, missed, tomorrow, days, new_a_day } = summary;
    const fresh = summary.new;
    this.goal = this.card;
    const share = done ? Math.round((100 * right) / done) : 0;
    const head = done ? "Done for now" : "Nothing is due now";
    const facts = done ? [
      [`${done}`, `answer${done === 1 ? "" : "s"}`], [`${share} %`, "right"], [`${fresh}`, `new card${fresh === 1 ? "" : "s"}`],
    ] : [];
    if (done && summary.seconds) facts.push([`${(summary.seconds / done).toFixed(1)} s`, "a pair"]);
    return [
      h("h2", { class: "mlcards-term" }, head),
      facts.length ? h("ul", { class: "mlcards-facts" },
        facts.map(([number, word]) => h("li", {}, h("strong", {}, number), word))) : "",
      missed.length ? h("p", {}, h("span", { class: "mlcards-label" }, "To look at again"), missed.join(", ")) : "",
      h("p", {}, tomorrow ? `${tomorrow} card${tomorrow === 1 ? " comes" : "s come"} back tomorrow.`
        : "No card comes back tomorrow."),
      days.length ? forecast(days, new_a_day) : "",
    ].filter(Boolean);
  }

  key(event) {
    event.stopPropagation();
    const { key, target } = event;
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest("dialog")) return;
    if (event.repeat && (key === " " || key === "Enter")) { event.preventDefault(); return; }
    if (target.matches("input:not([type=checkbox]), textarea")) {
      if (key === "Escape") this.card.focus();
      return;
    }
    const native = target.matches("button, input") && (key === " " || key === "Enter");
    const tools = { u: this.undo, f: this.flag, s: this.suspend, "?": this.help };
    const name = key.length === 1 ? key.toLowerCase() : key;
    if (native) return;
    if (tools[name]) tools[name].click();
    else if (this.actions?.[name]) this.actions[name]();
    else return;
    event.preventDefault();
  }
}

function forecast(days, fresh) {
  const most = Math.max(1, ...days.map(({ cards }) => cards));
  return h("table", { class: "mlcards-days" },
    h("caption", {}, `The week ahead, with ${fresh} new card${fresh === 1 ? "" : "s"} a day`),
    h("tbody", {}, days.map(({ day, date, cards, minutes }) => {
      const bar = h("div", { class: "mlcards-bar" });
      bar.style.width = `${(100 * cards) / most}%`;
      return h("tr", {}, h("th", { scope: "row" }, day, h("small", {}, date)),
        h("td", { class: "mlcards-track", "aria-hidden": "true" }, bar),
        h("td", {}, `${cards} card${cards === 1 ? "" : "s"}`), h("td", {}, `${minutes} min`));
    })));
}

function speak(text, lang) {
  const said = new SpeechSynthesisUtterance(text);
  said.lang = lang;
  said.voice = speechSynthesis.getVoices().find((voice) => voice.lang.replace("_", "-") === lang) ?? null;
  speechSynthesis.cancel();
  speechSynthesis.speak(said);
}

/** The way to the server of `mlcourse cards --web`. */
function server() {
  const gone = "The deck cannot be reached: it was ended, or the connection is lost. "
    + "Every answer it took is saved, and what you typed stays here. "
    + "Start it again with: mlcourse cards --web";
  return async (intent) => {
    let reply;
    let content;
    try {
      reply = await fetch("intent", {
        method: "POST", body: JSON.stringify(intent),
        headers: { "Content-Type": "application/json" }, signal: AbortSignal.timeout(15000),
      });
      content = await reply.json();
    } catch {
      throw new Error(gone);
    }
    if (!reply.ok) throw new Error(content.error);
    return content;
  };
}

/** The way to the Python object of a notebook's deck. */
function kernel(model, patience = 8000) {
  const waiting = new Map();
  let number = 0;
  const name = `${Date.now()}-${Math.random()}`;
  const hear = ({ id, view, error }) => {
    const { resolve, reject, timer } = waiting.get(id) ?? {};
    if (!waiting.delete(id)) return;
    clearTimeout(timer);
    if (error) reject(new Error(error));
    else resolve(view);
  };
  model.on("msg:custom", hear);
  const send = (intent) => new Promise((resolve, reject) => {
    const id = `${name}-${++number}`;
    const timer = setTimeout(() => {
      waiting.delete(id);
      reject(new Error("Run the cell to continue. If another cell runs now, wait for it. "
        + "Every answer is saved."));
    }, patience);
    waiting.set(id, { resolve, reject, timer });
    model.send({ id, intent });
  });
  return [send, () => model.off("msg:custom", hear)];
}

function render({ model, el }) {
  const [send, stop] = kernel(model);
  const deck = mount(el, send, { view: model.get("view") });
  const follow = () => {
    const view = model.get("view");
    if (!deck.busy && view.seq > deck.view.seq) deck.render(view, false);
  };
  model.on("change:view", follow);
  // Saving the notebook stays JupyterLab's, also from within the deck.
  const lend = (event) => {
    const saves = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
    if (saves) deck.root.removeAttribute("data-lm-suppress-shortcuts");
    else deck.root.setAttribute("data-lm-suppress-shortcuts", "true");
  };
  window.addEventListener("keydown", lend, true);
  return () => {
    stop();
    model.off("change:view", follow);
    window.removeEventListener("keydown", lend, true);
  };
}

export default { render };

const page = document.querySelector("main[data-mlcards]");
if (page) mount(page, server(), { grab: true });
