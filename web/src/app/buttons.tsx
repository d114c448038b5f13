// The two buttons of the top bar that open something; they stand before what they open is there.

import { IconChevronDown } from "@tabler/icons-react";
import type { ComponentPropsWithRef } from "react";
import type { Session } from "../api/draft";
import { shell, words } from "../messages";
import { wholeMoment } from "../parts/dates";
import { Mark } from "../parts/marks/Mark";
import { initials } from "./initials";
import { roleOf } from "./person";

export function PersonButton({ session, ...rest }: { session: Session } & ComponentPropsWithRef<"button">) {
  const { person } = session;
  return (
    <button type="button" {...rest} className="person">
      <span aria-hidden="true">{initials(person.name)}</span>
      <span className="unseen">{`${shell.person.menu}: ${person.name}, ${words.role[roleOf(session)]}`}</span>
    </button>
  );
}

interface Moment extends ComponentPropsWithRef<"button"> {
  now: string | undefined;
  clock: string;
  open?: boolean;
  press?: () => void;
}

export function MomentButton({ now, clock, open = false, press, ...rest }: Moment) {
  return (
    <button type="button" {...rest} className="top-moment" aria-expanded={open} onClick={press}>
      <Mark name="past" />
      <span className="unseen">{shell.asOf.button}: </span>
      <b>{now ? wholeMoment(now) : shell.now}</b>
      {!now && <span className="top-clock faint">{wholeMoment(clock)}</span>}
      <IconChevronDown className="top-chevron" size={14} stroke={1.75} aria-hidden />
    </button>
  );
}
