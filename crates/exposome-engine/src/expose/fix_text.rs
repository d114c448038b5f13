//! The fixed version in a publisher's prose: only where the text plainly says that it is released.

/// The first version that a remediation text says is free of the flaw.
pub fn fixed_in(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let after = lower.find("update to version ")? + "update to version ".len();
    let rest = text.get(after..)?;
    let version = rest.split_whitespace().next()?.trim_end_matches(['.', ',']);
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| version.to_owned())
}
