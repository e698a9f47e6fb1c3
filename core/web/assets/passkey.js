// Passkeys, the one thing that browsers offer to scripts only. A page holds a
// form with an empty field "answer" in an element data-passkey="create" or
// "get"; the answer of the browser to options from the API goes into the field,
// and the form is sent as any other. Without this script the form stays hidden
// and the page says why.
(function () {
  "use strict";
  const box = document.querySelector("[data-passkey]");
  const keys = window.PublicKeyCredential;
  if (!box || !keys || !keys.parseCreationOptionsFromJSON || !keys.parseRequestOptionsFromJSON) return;
  const form = box.querySelector("form");
  const wrong = box.querySelector("[data-passkey-wrong]");
  for (const p of document.querySelectorAll("[data-passkey-none]")) p.hidden = true;
  box.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    wrong.hidden = true;
    try {
      const res = await fetch(box.dataset.options, { method: "POST" });
      if (res.status === 403 && box.dataset.confirm) {
        location.assign(box.dataset.confirm);
        return;
      }
      if (!res.ok) throw new Error(String(res.status));
      const options = JSON.parse((await res.json()).options);
      const key = box.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: keys.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: keys.parseRequestOptionsFromJSON(options) });
      form.elements.answer.value = JSON.stringify(key);
      form.submit();
    } catch {
      wrong.hidden = false;
    }
  });
})();
