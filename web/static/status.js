// Keeps the status of a sign-up up to date. Without it the
// page reloads itself.
(function () {
  "use strict";

  var followTimer = 0, countTimer = 0;

  function countDown(page) {
    clearInterval(countTimer);
    var text = page.querySelector("[data-countdown]");
    var button = page.querySelector("button[data-wait]");
    if (!text || !button) return;
    var end = Date.now() + 1000 * Number(text.dataset.countdown);
    button.disabled = true;
    countTimer = setInterval(function () {
      var left = Math.ceil((end - Date.now()) / 1000);
      if (left > 0) {
        text.textContent = text.textContent.replace(/\d+:\d\d/, Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0"));
        return;
      }
      clearInterval(countTimer);
      button.disabled = false;
      text.remove();
    }, 500);
  }

  function follow(page) {
    clearTimeout(followTimer);
    if (!page.dataset.follow) return;
    followTimer = setTimeout(look, 1000 * Number(page.dataset.follow));
  }

  function look() {
    var page = document.getElementById("status");
    if (document.hidden) {
      follow(page);
      return;
    }
    // Not fetch's caches, and not the place that asks for "again".
    fetch(location.pathname, { credentials: "same-origin", cache: "no-store" })
      .then(function (answer) { return answer.ok ? answer.text() : ""; })
      .then(function (text) {
        var fresh = text && new DOMParser().parseFromString(text, "text/html").getElementById("status");
        if (fresh && fresh.dataset.state !== page.dataset.state) {
          var focused = page.contains(document.activeElement);
          page.replaceWith(fresh);
          said.textContent = fresh.querySelector("h1").textContent;
          document.title = new DOMParser().parseFromString(text, "text/html").title;
          if (focused) document.getElementById("main").focus();
          countDown(fresh);
          page = fresh;
        }
        follow(page);
      }, function () { follow(page); });
  }

  // What is said to screen readers.
  var said = document.createElement("p");
  said.className = "unseen";
  said.setAttribute("role", "status");
  document.getElementById("main").append(said);

  var page = document.getElementById("status");
  countDown(page);
  follow(page);
})();
