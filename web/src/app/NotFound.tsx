// An address that leads nowhere says so and leads back.

import { shell } from "../messages";

export function NotFound() {
  return (
    <div className="pad state-body">
      <h1>{shell.notFound.title}</h1>
      <p className="reading quiet">{shell.notFound.words}</p>
      <p>
        <a href="/">{shell.notFound.back}</a>
      </p>
    </div>
  );
}
