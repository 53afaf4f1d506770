// What all scripts share: the page's settings, words, numbers by locale, and elements built from text only.

export const config = JSON.parse(document.getElementById("config").textContent);
const vietnamese = config.language === "vi";
const locale = vietnamese ? "vi-VN" : "en-GB";

// {name}, or {name:row|rows}: the number with its noun.
const GIVEN = /\{(\w+)(?::([^|{}]*)\|([^|{}]*))?\}/g;

/** A word of the page, with {name} replaced, and {name:row|rows} by "1 row" or "2 rows". */
export function t(key, values = {}) {
  const text = config.text[key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return text.replace(GIVEN, (whole, name, one, more) => {
    if (!(name in values)) return whole;
    const value = String(values[name]);
    return one === undefined ? value : `${value} ${value === "1" ? one : more}`;
  });
}

/** A word that may be missing from the table: the key itself then. */
export function word(key, otherwise) {
  return config.text[key] ?? otherwise;
}

/** 1.234,5 in Vietnamese, 1,234.5 in English; "–" for none. */
export function number(value, decimals = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return t("none");
  return value.toLocaleString(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A share between 0 and 1 as 96,4 % or 96.4%; 100 only where nothing is missing. */
export function percent(share, decimals = 1) {
  if (share === null || share === undefined || Number.isNaN(share)) return t("none");
  const shown = share < 1 ? Math.min(100 * share, 100 - 10 ** -decimals) : 100 * share;
  return number(shown, decimals) + (vietnamese ? "\u00a0%" : "%");
}

/** 95,1–97,3 for two shares. */
export function range(low, high, decimals = 1) {
  return `${number(100 * low, decimals)}–${number(100 * high, decimals)}`;
}

/** 31/12/2025 from 2025-12-31. */
export function date(iso) {
  return iso.split("-").reverse().join("/");
}

/** Lower-case text without tone and vowel marks, for comparing what people type. */
export function fold(text) {
  const plain = text.toLowerCase().replaceAll("đ", "d").normalize("NFD");
  return plain.replace(/\p{M}/gu, "").replace(/\s+/g, " ").trim();
}

/** An element; children that are not elements become text, so that no name is ever read as markup. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** Replace what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
}

/** Name of an operator, or what "any" and "all" stand for. */
export function operatorName(operator) {
  return operator === "any" || operator === "all" ? t(operator) : operator;
}

/** Title of a definition of "covered". */
export function profileTitle(name) {
  return config.profiles[name][`title_${config.language}`];
}

/** Address of an answer of the API for the page's snapshot, or for another. */
export function address(path, parameters = {}, snapshot = config.snapshot) {
  return `${path}?${new URLSearchParams({ ...parameters, snapshot })}`;
}

const answers = new Map();

/** JSON of an address, asked for once; says on the page what failed. */
export function fetchJson(url) {
  if (!answers.has(url)) answers.set(url, load(url));
  return answers.get(url);
}

async function load(url) {
  try {
    const response = await fetch(url, { headers: { "Accept-Language": config.language } });
    if (!response.ok) throw new Error(await reason(response));
    return await response.json();
  } catch (error) {
    answers.delete(url);
    const box = document.getElementById("problem");
    box.hidden = false;
    box.textContent = t("failed", { what: `${url.split("?")[0]}: ${error.message}` });
    throw error;
  }
}

async function reason(response) {
  try {
    return (await response.json()).detail;
  } catch {
    return String(response.status);
  }
}
