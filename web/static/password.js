// Helps with passwords: shows what is typed, and how strong a new one is. The
// forms work without it.
(function () {
  "use strict";

  document.querySelectorAll(".password").forEach(function (box) {
    var input = box.querySelector("input");

    // What is said to screen readers.
    var live = document.createElement("p");
    live.className = "unseen";
    live.setAttribute("role", "status");
    box.after(live);

    addToggle(box, input, live);
    if (box.dataset.zxcvbn) addMeter(box, input, live);
  });

  function addToggle(box, input, live) {
    var toggle = document.createElement("button");
    toggle.type = "button";
    toggle.className = "toggle";
    toggle.setAttribute("aria-controls", input.id);
    box.append(toggle);
    function show(shown) {
      input.type = shown ? "text" : "password";
      toggle.setAttribute("aria-pressed", String(shown));
      toggle.setAttribute("aria-label", box.dataset.show);
      toggle.title = shown ? box.dataset.hide : box.dataset.show;
    }
    show(false);
    toggle.addEventListener("click", function () {
      var shown = input.type === "password";
      show(shown);
      live.textContent = shown ? box.dataset.shown : box.dataset.hidden;
      input.focus();
    });
    // Browsers remember what was typed into a text field.
    input.form.addEventListener("submit", function () { show(false); });
  }

  function addMeter(box, input, live) {
    var meter = document.createElement("div");
    meter.className = "strength";
    meter.hidden = true;
    var bar = document.createElement("span");
    bar.className = "bar";
    bar.setAttribute("aria-hidden", "true");
    var words = document.createElement("span");
    meter.append(bar, words);
    live.after(meter);

    function judge() {
      if (!window.zxcvbn || !input.value) {
        meter.hidden = true;
        return;
      }
      var form = input.form.elements;
      var known = ["name", "username", "email"].map(function (n) { return form[n] ? form[n].value : ""; });
      // Long passwords take long to judge, and are strong by then.
      var score = window.zxcvbn(input.value.slice(0, 72), known).score;
      meter.dataset.score = score;
      words.textContent = box.dataset[String(score)];
      meter.hidden = false;
    }

    var saying = 0;
    input.addEventListener("input", function () {
      judge();
      clearTimeout(saying);
      saying = setTimeout(function () { if (!meter.hidden) live.textContent = words.textContent; }, 1000);
    });

    // It is large, so it comes when it is needed. A field that has the focus from
    // the start gets no event.
    function load() {
      var script = document.createElement("script");
      script.src = box.dataset.zxcvbn;
      script.async = true;
      script.addEventListener("load", judge);
      document.head.append(script);
    }
    if (document.activeElement === input) load();
    else input.addEventListener("focus", load, { once: true });
  }
})();
