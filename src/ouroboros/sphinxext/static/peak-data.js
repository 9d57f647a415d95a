/* The calculator of the peak-data page: the date of full use from five inputs, in closed form.
   In log tokens stock and demand are straight lines with normal uncertainty, so the chance that they have met by
   a year is one value of the normal distribution; no sampling, no request, nothing stored. */
(function () {
  "use strict";
  var ORIGIN = 2024;

  /* Abramowitz and Stegun 7.1.26; error below 1.5e-7. */
  function normal(z) {
    var x = Math.abs(z) / Math.SQRT2, t = 1 / (1 + 0.3275911 * x);
    var p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    var half = 0.5 * p * Math.exp(-x * x);
    return z < 0 ? half : 1 - half;
  }

  /* law: means and standard deviations in orders of magnitude (a year); choice: what the reader set. */
  function line(law, choice) {
    var stock = law.stock[0] + Math.log10(1 + choice.worth * choice.synthetic);
    var demand = law.demand[0] + 0.5 * Math.log10(choice.overtraining);
    var speed = Math.log10(choice.growth) - law.pages[0];
    return { gap: stock - demand, speed: speed };
  }

  function chance(law, choice, year) {
    var l = line(law, choice), t = year - ORIGIN;
    var fixed = law.stock[1] * law.stock[1] + law.demand[1] * law.demand[1];
    var slope = law.growth[1] * law.growth[1] + law.pages[1] * law.pages[1];
    return normal((l.speed * t - l.gap) / Math.sqrt(fixed + slope * t * t));
  }

  function median(law, choice) {
    var l = line(law, choice);
    return l.speed > 0 ? ORIGIN + l.gap / l.speed : Infinity;
  }

  /* The year by which the chance reaches a level, by bisection; infinite if not by the year 2200. */
  function quantile(law, choice, level) {
    var low = ORIGIN - 30, high = 2200;
    if (chance(law, choice, high) < level) return Infinity;
    for (var k = 0; k < 60; k += 1) {
      var middle = (low + high) / 2;
      if (chance(law, choice, middle) < level) low = middle; else high = middle;
    }
    return high;
  }

  function start(form) {
    var law = JSON.parse(form.dataset.law);
    var controls = Array.prototype.slice.call(form.querySelectorAll("input"));
    function show(year) { return isFinite(year) ? year.toFixed(1) : "never"; }
    function share(p) { return p < 0.005 ? "under 1 %" : p > 0.995 ? "over 99 %" : Math.round(100 * p) + " %"; }
    function update() {
      var choice = {};
      controls.forEach(function (input) {
        var raw = Number(input.value);
        var value = input.dataset.scale === "log" ? Math.pow(10, raw) : raw;
        choice[input.name] = value;
        var text = value >= 10 ? value.toFixed(0) : value.toFixed(2);
        input.setAttribute("aria-valuetext", text + " " + input.dataset.unit);
        form.querySelector('output[for="' + input.id + '"]').textContent = text + " " + input.dataset.unit;
      });
      var half = median(law, choice);
      form.querySelector("[data-out=median]").textContent = show(half);
      form.querySelector("[data-out=low]").textContent = show(quantile(law, choice, 0.1));
      form.querySelector("[data-out=high]").textContent = show(quantile(law, choice, 0.9));
      form.querySelector("[data-out=then]").textContent = share(chance(law, choice, 2026));
      form.querySelector("[data-out=later]").textContent = share(chance(law, choice, 2032));
      var points = [];
      for (var year = 2024; year <= 2040; year += 0.25) {
        points.push(((year - 2024) * 40).toFixed(1) + "," + (160 - 150 * chance(law, choice, year)).toFixed(1));
      }
      form.querySelector("polyline").setAttribute("points", points.join(" "));
      var x = Math.max(0, Math.min(640, (half - 2024) * 40)), mark = form.querySelector("line.median");
      mark.setAttribute("x1", x);
      mark.setAttribute("x2", x);
    }
    form.addEventListener("input", update);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(update, 0); });
    form.hidden = false;
    update();
  }

  if (typeof document !== "undefined") {
    Array.prototype.forEach.call(document.querySelectorAll("form.calculator[data-law]"), start);
  }
  if (typeof module !== "undefined") module.exports = { chance: chance, median: median, quantile: quantile };
})();
