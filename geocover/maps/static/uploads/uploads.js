// The page where a file is dropped: what is asked about it, sending it, and the earlier uploads.

import { config, fill, h, percent, t } from "../base.js";
import { chosenFile, startChoosing } from "./chosen.js";
import { drawEarlier } from "./earlier.js";
import { calm, complain, headers, Problem, problemOf, signIn } from "./http.js";
import { day, listPage, may } from "./words.js";

const OTHER = "";
const form = document.getElementById("upload");
const sending = document.getElementById("sending");
let name = newName();

/** A name for one request, so that sending it twice takes the file once. */
function newName() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
}

/** Whose list it is: a partner's own operator, or one to be chosen. */
function drawOperator() {
  const place = document.getElementById("operator-field");
  const { operator } = config.me;
  if (operator) return fill(place, h("span", { class: "label" }, t("operator")), h("strong", { class: "own" }, operator));
  const options = config.operators.map((one) => h("option", { value: one }, one));
  const select = h("select", { id: "operator", onchange: toggleOther },
    h("option", { value: "-", selected: true }, `– ${t("operator_choose")} –`), options, h("option", { value: OTHER }, t("operator_other")));
  return fill(place, h("label", { for: "operator", class: "label" }, t("operator")), select,
    h("input", { id: "other", hidden: true, maxlength: 80, "aria-label": t("operator_name"), placeholder: t("operator_name") }));
}

function toggleOther(event) {
  const other = document.getElementById("other");
  other.hidden = event.target.value !== OTHER;
  if (!other.hidden) other.focus();
}

function chosenOperator() {
  const select = document.getElementById("operator");
  if (!select) return null;
  const chosen = select.value === OTHER ? document.getElementById("other").value.trim() : select.value;
  if (!chosen || chosen === "-") throw new Problem(0, t("operator_missing"));
  return chosen;
}

/** What is sent; raises a Problem where something is missing. */
function content() {
  const body = new FormData();
  const file = chosenFile();
  const operator = chosenOperator();
  const day = document.getElementById("as-of").value;
  if (!day) throw new Problem(0, t("date_missing"));
  if (operator) body.append("operator", operator);
  body.append("as_of", day);
  body.append("file", file, file.name);
  return body;
}

/** Send the file and tell how much of it has gone; fetch cannot tell. */
function post(body) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/site-lists");
    for (const [field, value] of Object.entries(headers({ "Idempotency-Key": name }))) request.setRequestHeader(field, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && tell(event.loaded / event.total));
    request.addEventListener("error", () => reject(new Problem(0, t("offline"))));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(request.response);
      else reject(problemOf(request.status, request.response, request.getResponseHeader("Retry-After")));
    });
    request.send(body);
  });
}

function tell(share) {
  sending.hidden = false;
  const words = share < 1 ? t("uploading", { percent: percent(share, 0) }) : t("received");
  fill(sending, h("progress", { max: 1, value: share, "aria-label": words }), ` ${words}`);
}

async function send(event) {
  event.preventDefault();
  calm();
  const button = document.getElementById("send");
  try {
    const body = content();
    button.disabled = true;
    const made = await post(body);
    window.location.assign(`${listPage(made.id)}#job=${encodeURIComponent(made.job ?? "")}`);
  } catch (error) {
    button.disabled = false;
    sending.hidden = true;
    if (error.status === 401) signIn();
    else if (error.status) name = newName();
    complain(error);
  }
}

/** Say the chosen day as the pages write days: a browser of another language shows the month first. */
function tellDay() {
  const chosen = document.getElementById("as-of").value;
  document.getElementById("as-of-chosen").textContent = chosen ? t("as_of_chosen", { date: day(chosen) }) : "";
}

/** Today by the reader's clock. */
function today() {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

async function start() {
  const writes = may("lists:upload");
  form.hidden = !writes;
  document.getElementById("may-not").hidden = writes;
  if (writes) {
    drawOperator();
    const asOf = document.getElementById("as-of");
    asOf.value = today();
    asOf.addEventListener("input", tellDay);
    tellDay();
    const { operator } = config.me;
    if (operator) document.getElementById("template").href += `?${new URLSearchParams({ operator })}`;
    const renew = () => { name = newName(); };
    startChoosing(renew);
    form.addEventListener("change", renew);
    form.addEventListener("submit", send);
  }
  document.getElementById("earlier-part").hidden = !may("lists:read");
  if (may("lists:read")) await drawEarlier();
  document.documentElement.dataset.ready = "true";
}

start();
