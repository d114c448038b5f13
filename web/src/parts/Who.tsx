// A person or a group in a small disc; the name is there for those who do not see it.

import { IconUserPlus } from "@tabler/icons-react";
import { initials } from "../app/initials";
import { words } from "../messages";
import "./small.css";

export function Owner({ name }: { name: string | null }) {
  const said = name ?? words.unassigned;
  return (
    <span className={`owner${name ? "" : " owner-none"}`} title={said}>
      <span aria-hidden="true">{name ? initials(name) : <IconUserPlus size={14} stroke={1.75} />}</span>
      <span className="unseen">{said}</span>
    </span>
  );
}
