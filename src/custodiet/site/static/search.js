// The search of a published site. It reads the index that stands beside the pages, and asks nobody else.
const box = document.querySelector("#words");
const hits = document.querySelector("#hits");
const SHOWN = 60;

function element(name, text, parts = []) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...parts);
  return made;
}

// Pagefind marks the words that it found; everything else in an excerpt is text.
function marked(excerpt) {
  const parsed = new DOMParser().parseFromString(excerpt, "text/html");
  return [...parsed.body.childNodes].map((node) => (node.nodeName === "MARK" ? element("mark", node.textContent) : document.createTextNode(node.textContent)));
}

async function find(words) {
  const pagefind = await import("../pagefind/pagefind.js");
  await pagefind.options({ excerptLength: 28 });
  const found = await pagefind.search(words);
  const shown = await Promise.all(found.results.slice(0, SHOWN).map((result) => result.data()));
  const groups = new Map();
  for (const data of shown) groups.set(data.meta.noun, [...(groups.get(data.meta.noun) || []), data]);
  const count = found.results.length;
  const said = count ? `${count.toLocaleString("en")} ${count === 1 ? "page" : "pages"}${count > SHOWN ? `, the first ${SHOWN} shown` : ""}.` : `Nothing here holds these words: ${words}`;
  hits.replaceChildren(element("p", said));
  for (const [noun, datas] of groups) {
    const list = element("ul", "", datas.map((data) => {
      const link = element("a", data.meta.title);
      link.href = data.raw_url.replace(/^\//, "");
      return element("li", "", [link, element("p", "", marked(data.excerpt))]);
    }));
    list.className = "rows";
    hits.append(element("h2", noun), list);
  }
}

const words = new URLSearchParams(location.search).get("q") || "";
if (words.trim()) {
  box.value = words;
  hits.replaceChildren(element("p", "Searching …"));
  find(words).catch(() => hits.replaceChildren(element("p", "The search needs a web server; from a disk, the lists lead to every page.")));
}
