/** A person and a browser: says yes to the page, and follows where it leads. */

/** Rejects where the page does not send back to this machine. */
export async function consent(url: string): Promise<void> {
  const page = await fetch(url, { redirect: 'manual' });
  const back = page.headers.get('location');
  await page.body?.cancel();
  if (back === null)
    throw new Error(`The page to log in at answers with HTTP ${page.status} and leads nowhere.`);
  // The listener may be gone before it has answered; what it says is for people.
  await fetch(new URL(back, url)).then((answer) => answer.text());
}
