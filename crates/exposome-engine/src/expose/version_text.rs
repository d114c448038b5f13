//! Version ranges in free text: `<= 3.4`, `A10 | A11`, `shipped before April 2018`.
//!
//! A text that is not understood gives [`Holds::Unknown`], never a no.

use exposome_model::inventory::Component;

/// Which versions an advisory's text means, read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionPattern {
    text: String,
}

/// Whether a component is of a version the text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    Yes {
        because: String,
    },
    No {
        because: String,
    },
    /// `missing_fact`: `firmware version`, `ship date`, `battery module version`.
    Unknown {
        missing_fact: String,
        because: String,
    },
}

impl VersionPattern {
    pub fn read(text: &str) -> VersionPattern {
        VersionPattern { text: text.trim().to_owned() }
    }

    /// `bill`: everything on the same asset, for modules and the system below.
    pub fn holds(&self, component: &Component, bill: &[Component]) -> Holds {
        let _ = bill;
        let text = &self.text;
        if text == "vers:all/*" {
            return Holds::Yes { because: "every version is meant".to_owned() };
        }
        match component.version.as_deref() {
            Some(version) if version == text => {
                Holds::Yes { because: format!("version {version} is named") }
            }
            Some(_) => Holds::Unknown {
                missing_fact: "a reading of the range".to_owned(),
                because: format!("\"{text}\" is not understood"),
            },
            None => Holds::Unknown {
                missing_fact: "version".to_owned(),
                because: format!("the inventory gives no version to hold against \"{text}\""),
            },
        }
    }
}
