/* The explorable of the paradox page. The page already holds the drawing of its starting state; this script makes
   the controls visible and computes every other state: moments of a refitted normal law in closed form, survival of
   words exactly. No sampling, no request, nothing stored. */
(function () {
  "use strict";

  /* Expected variance in generations 1 to last; real of n values are drawn anew from the truth in each. */
  function variances(n, real, last) {
    var k = n - real, ratio = k * (k - 1) / (n * n), error = 0, found = [];
    for (var t = 1; t <= last; t += 1) {
      error = 1 / n + ratio * error;
      found.push(1 - error);
    }
    return found;
  }

  function digamma(x) {
    var shift = 0;
    while (x < 8) { shift -= 1 / x; x += 1; }
    var y = 1 / (x * x);
    return shift + Math.log(x) - 0.5 / x - y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y / 240)));
  }

  /* Geometric mean of the variance over chains, for replacement only. */
  function typical(n, t) { return Math.exp(t * (digamma((n - 1) / 2) - Math.log(n / 2))); }

  /* Share of a normal law of this variance beyond two true standard deviations, by Lentz's continued fraction. */
  function tail(variance) {
    var x = 2 / Math.sqrt(2 * variance), f = 0;
    for (var j = 60; j > 0; j -= 1) f = j / 2 / (x + f);
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + f);
  }

  /* Entries of a row above 1e-15, as [first, values]: the rest of a row costs time and changes nothing. */
  function band(row) {
    var low = 0, high = row.length;
    while (low < high - 1 && row[low] < 1e-15) low += 1;
    while (high > low + 1 && row[high - 1] < 1e-15) high -= 1;
    return [low, row.slice(low, high)];
  }

  /* occupied[b][a]: chance that b balls hit a of n boxes, that is, that b tokens have a parents. */
  function occupied(n) {
    var row = [1], found = [band(row)];
    for (var b = 1; b <= n; b += 1) {
      var next = [];
      for (var a = 0; a <= b; a += 1) {
        next.push((a < b ? row[a] * a : 0) / n + (a > 0 ? row[a - 1] * (n - a + 1) : 0) / n);
      }
      row = next;
      found.push(band(row));
    }
    return found;
  }

  /* drawn[a][r]: chance that r of a tokens are among the real ones of n. */
  function drawn(n, real) {
    var log = [0], found = [];
    for (var i = 1; i <= n; i += 1) log.push(log[i - 1] + Math.log(i));
    function choose(m, j) { return j < 0 || j > m ? -Infinity : log[m] - log[j] - log[m - j]; }
    for (var a = 0; a <= n; a += 1) {
      var row = [];
      for (var r = 0; r <= Math.min(a, real); r += 1) {
        row.push(Math.exp(choose(real, r) + choose(n - real, a - r) - choose(n, a)));
      }
      found.push(band(row));
    }
    return found;
  }

  /* alive[t - 1][i]: chance that word i occurs in generation t. Followed back in time, the n tokens of a generation
     descend from a number of independent real draws; a word is gone if none of them is that word. */
  function alive(chances, n, real, last) {
    var boxes = occupied(n), reals = drawn(n, real), found = [];
    for (var t = 0; t < last; t += 1) found.push([]);
    chances.forEach(function (p) {
      var other = 1 - p, power = [1], a;
      for (a = 1; a <= n; a += 1) power.push(power[a - 1] * other);
      var gone = power.slice();
      for (var t = 0; t < last; t += 1) {
        found[t].push(1 - gone[n]);
        var parents = boxes.map(function (part) {
          return part[1].reduce(function (sum, chance, j) { return sum + chance * gone[part[0] + j]; }, 0);
        });
        for (a = 0; a <= n; a += 1) {
          var sum = 0, first = reals[a][0], row = reals[a][1];
          for (var j = 0; j < row.length; j += 1) sum += row[j] * power[first + j] * parents[a - first - j];
          gone[a] = sum;
        }
      }
    });
    return found;
  }

  function start(root) {
    var chances = JSON.parse(root.dataset.words), last = Number(root.dataset.last), cache = {};
    var form = root.querySelector("form");
    function put(name, text) { root.querySelector("[data-out=" + name + "]").textContent = text; }
    function draw(name, points) {
      root.querySelector("[data-line=" + name + "]").setAttribute("points", points.map(function (p) {
        return p[0].toFixed(1) + "," + p[1].toFixed(1);
      }).join(" "));
    }
    function series(values, top) {
      return values.map(function (v, i) { return [40 + 270 * i / (values.length - 1), 170 - 160 * v / top]; });
    }
    function bell(variance) {
      var points = [];
      for (var i = 0; i <= 108; i += 1) {
        var x = -3.6 + i / 15, y = Math.exp(-x * x / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
        points.push([40 + 2.5 * i, 170 - 160 * Math.min(y, 1.2)]);
      }
      return points;
    }
    function compute(n, real) {
      var key = n + "/" + real;
      if (!cache[key]) {
        var words = alive(chances, n, real, last);
        cache[key] = { variance: variances(n, real, last), words: words, count: words.map(sum) };
      }
      return cache[key];
    }
    function sum(row) { return row.reduce(function (a, b) { return a + b; }, 0); }
    function update() {
      var n = Number(form.elements.size.value), t = Number(form.elements.generation.value);
      var percent = Number(form.elements.share.value), real = Math.floor(n * percent / 100 + 0.5);
      var now = compute(n, real), none = compute(n, 0), v = now.variance[t - 1], row = now.words[t - 1];
      var texts = { size: n + " values", share: percent + " %: " + real + " of " + n, generation: String(t) };
      Object.keys(texts).forEach(function (name) {
        form.elements[name].setAttribute("aria-valuetext", texts[name]);
        form.querySelector('output[for="explorable-' + name + '"]').textContent = texts[name];
      });
      put("generation", t);
      put("real", real);
      put("size", n);
      put("variance", v.toFixed(2));
      put("tail", (1000 * tail(v)).toFixed(1));
      put("stray", Math.sqrt(1 - v).toFixed(2));
      var chain = typical(n, t);
      put("typical", real ? "" : " (In a typical chain of copies alone, by the geometric mean, it is "
        + (chain < 0.005 ? "under 0.01" : chain.toFixed(2)) + ".)");
      put("alive", now.count[t - 1].toFixed(1));
      put("first", now.count[0].toFixed(1));
      put("rare", sum(row.slice(row.length / 2)).toFixed(1));
      put("lost", (100 * row.reduce(function (a, b, i) { return a + chances[i] * (1 - b); }, 0)).toFixed(1));
      draw("bell", bell(v));
      draw("bell-none", bell(none.variance[t - 1]));
      draw("variance", series(now.variance, 1));
      draw("variance-none", series(none.variance, 1));
      draw("words", series(row, 1));
      draw("words-none", series(none.words[t - 1], 1));
      draw("count", series(now.count, row.length));
      draw("count-none", series(none.count, row.length));
      Array.prototype.forEach.call(root.querySelectorAll("line.now"), function (mark) {
        mark.setAttribute("x1", (40 + 270 * (t - 1) / (last - 1)).toFixed(1));
        mark.setAttribute("x2", (40 + 270 * (t - 1) / (last - 1)).toFixed(1));
      });
    }
    var waiting = false;
    form.addEventListener("input", function () {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(function () { waiting = false; update(); });
    });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(update, 0); });
    form.hidden = false;
    update();
  }

  if (typeof document !== "undefined") {
    Array.prototype.forEach.call(document.querySelectorAll(".explorable[data-words]"), start);
  }
  if (typeof module !== "undefined") {
    module.exports = { variances: variances, typical: typical, tail: tail, alive: alive };
  }
})();
