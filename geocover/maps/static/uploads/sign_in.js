// The form that takes a key: it works without this script, which only says what is wrong without leaving the page.

import { t } from "../base.js";
import { calm, complain, post, Problem } from "./http.js";

const form = document.getElementById("sign-in");
const key = document.getElementById("key");
const show = document.getElementById("show");

show.addEventListener("change", () => {
  key.type = show.checked ? "text" : "password";
});

/** Ask to be let in; raises a Problem in words for this page. */
async function send() {
  if (!key.value.trim()) throw new Problem(0, t("key_missing"));
  await post(form.action, new URLSearchParams(new FormData(form))).catch((error) => {
    throw error.status === 401 ? new Problem(0, t("key_wrong")) : error;
  });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  calm();
  try {
    await send();
    window.location.assign(form.elements.next.value);
  } catch (error) {
    complain(error);
    key.setAttribute("aria-invalid", "true");
    key.focus();
  }
});

key.focus();
document.documentElement.dataset.ready = "true";
