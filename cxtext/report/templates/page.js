"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;

  // Light and dark: the system's choice until the reader makes one. Storage may be forbidden on a file share.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const button = $("#theme");
  const keep = (value) => { try { localStorage.setItem("cxtext-theme", value); } catch { /* not kept */ } };
  const kept = () => { try { return localStorage.getItem("cxtext-theme"); } catch { return null; } };
  const isDark = () => (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const show = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark() ? "Switch to light colours" : "Switch to dark colours");
    button.setAttribute("aria-pressed", String(isDark()));
  };
  if (["light", "dark"].includes(kept())) root.dataset.theme = kept();
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    keep(root.dataset.theme);
    show();
  });
  dark.addEventListener("change", show);
  show();

  // Sorting: numbers by number, text by text, blanks last either way.
  const table = $("#ranked");
  if (table) {
    const body = $("tbody", table);
    const heads = $$("thead th", table);
    const sort = (index) => {
      const head = heads[index];
      const numeric = head.classList.contains("num");
      const up = head.hasAttribute("aria-sort") ? head.getAttribute("aria-sort") === "descending"
        : !numeric || head.dataset.key === "place" || head.dataset.key === "sentiment" || /^m\d/.test(head.dataset.key);
      heads.forEach((h) => h.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const value = (row) => row.children[index].dataset.v;
      const rows = $$("tr", body).map((row, i) => [value(row), i, row]);
      rows.sort(([a, i], [b, j]) => {
        if (a === "" || b === "") return (a === "") - (b === "") || i - j;
        const order = numeric ? a - b : a.localeCompare(b);
        return (up ? order : -order) || i - j;
      });
      body.append(...rows.map((entry) => entry[2]));
    };
    heads.forEach((head, index) => {
      const sorter = document.createElement("button");
      sorter.type = "button";
      sorter.className = "sorter";
      const link = $("a", head);
      while (head.firstChild && head.firstChild !== link) sorter.append(head.firstChild);
      sorter.textContent = sorter.textContent.trim();
      head.prepend(sorter, " ");
      sorter.addEventListener("click", () => sort(index));
    });
    heads[0].setAttribute("aria-sort", "ascending");

    const filter = $("#filter"), trend = $("#by-trend"), metric = $("#by-metric");
    const narrow = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      let seen = 0;
      const rows = $$("tr", body);
      rows.forEach((row) => {
        const text = row.children[1].textContent.toLowerCase();
        const fits = words.every((w) => text.includes(w)) && (!trend || !trend.value || row.dataset.trend === trend.value);
        row.hidden = !fits;
        seen += fits;
      });
      $("#shown").textContent = seen === rows.length ? "" : `${seen} of ${rows.length} shown`;
    };
    $("#tools").hidden = false;
    $("#tools").addEventListener("submit", (event) => event.preventDefault());
    filter.addEventListener("input", narrow);
    if (trend) trend.addEventListener("change", narrow);
    if (metric) {
      const choose = () => $$("[class*='m']", table).forEach((cell) => {
        const own = /(?:^|\s)m(\d+)(?:\s|$)/.exec(cell.className);
        if (own) cell.hidden = Boolean(metric.value) && metric.value !== own[1];
      });
      metric.addEventListener("change", choose);
      metric.value = "1";
      choose();
    }
  }

  // Search over the sentences.
  const search = $("#search");
  if (search) {
    const sections = $$("details.pp");
    const opened = sections.map((s) => s.open);
    $("#search-tools").hidden = false;
    $("#search-tools").addEventListener("submit", (event) => event.preventDefault());
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = 0;
      sections.forEach((section, i) => {
        let here = 0;
        $$(".quote", section).forEach((quote) => {
          const fits = words.every((w) => quote.textContent.toLowerCase().includes(w));
          quote.hidden = !fits;
          quote.style.display = fits ? "" : "none";
          here += fits;
        });
        section.hidden = words.length > 0 && here === 0;
        section.open = words.length ? here > 0 : opened[i];
        found += here;
      });
      $("#found").textContent = words.length ? `${found} ${found === 1 ? "sentence" : "sentences"} found` : "";
    });
    const all = $("#open-all");
    all.addEventListener("click", () => {
      const open = all.textContent === "Open all";
      sections.forEach((s) => { s.open = open; });
      all.textContent = open ? "Close all" : "Open all";
    });
  }

  // A link into a closed section opens it.
  const reveal = () => {
    let target;
    try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    if (!target) return;
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();

  // Hover details of the small pictures.
  const tip = $("#tip");
  const point = (event) => {
    const mark = event.target.closest && event.target.closest("[data-tip]");
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.dataset.tip;
    tip.style.left = `${Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.max(event.clientY - tip.offsetHeight - 10, 4)}px`;
  };
  addEventListener("pointermove", point, { passive: true });
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });

  // Where we are.
  const links = new Map($$(".toc a").map((a) => [a.hash.slice(1), a]));
  const mark = (id) => links.forEach((a, own) => {
    if (own === id) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current");
  });
  const spy = new IntersectionObserver((entries) => {
    entries.filter((e) => e.isIntersecting && links.has(e.target.id)).forEach((e) => mark(e.target.id));
  }, { rootMargin: "-15% 0px -75% 0px" });
  $$("main > section").forEach((s) => spy.observe(s));
  addEventListener("scroll", () => { if (scrollY < 120) mark("summary"); }, { passive: true });

  // Charts are pictures until someone looks closer or the page is narrow: then Vega draws them with hover details.
  const packed = $("#vega");
  let library;
  const load = () => library ??= (async () => {
    const bytes = Uint8Array.from(atob(packed.content.textContent.trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    new Function(await new Response(stream).text())();
    return window.vegaEmbed;
  })();
  const draw = async (figure) => {
    if (figure.dataset.drawn) return;
    figure.dataset.drawn = "yes";
    const plot = $(".plot", figure);
    const spec = JSON.parse($(".spec", figure).content.textContent);
    spec.width = Math.max(300, Math.min(plot.clientWidth, 1040));
    if (spec.width < 600) {
      spec.config.axis.labelLimit = 120;
      // Ids take less room than names; the tooltip has the names.
      ((spec.data && spec.data.values) || []).forEach((value) => Object.assign(value, value.narrow));
    }
    const box = document.createElement("div");
    try {
      const embed = await load();
      await embed(box, spec, { actions: false, renderer: "svg", tooltip: { offsetX: 12, offsetY: 12 } });
      // The figure carries the text alternative; hundreds of marks would only be in the way.
      $$("[role], [aria-label], [aria-roledescription], [aria-hidden]", box).forEach((mark) => {
        ["role", "aria-label", "aria-roledescription", "aria-hidden"].forEach((name) => mark.removeAttribute(name));
      });
      plot.replaceChildren(box);
      plot.classList.add("drawn");
    } catch (error) {
      // The picture stays; old browsers lack DecompressionStream.
      figure.dataset.drawn = "no";
    }
  };
  if (packed && "DecompressionStream" in window) {
    const figures = $$("figure.chart");
    figures.forEach((figure) => {
      ["pointerenter", "focusin", "touchstart"].forEach((kind) =>
        figure.addEventListener(kind, () => draw(figure), { once: true, passive: true }));
    });
    // Those without a picture are drawn as soon as they come into view, which closed sections never do.
    {
      const near = new IntersectionObserver((entries) => entries.forEach((entry) => {
        if (entry.isIntersecting) { near.unobserve(entry.target); draw(entry.target); }
      }), { rootMargin: "300px" });
      figures.filter((f) => innerWidth < 760 || f.classList.contains("undrawn")).forEach((f) => near.observe(f));
    }
  }
})();
