//! Rows under a heading, as a spreadsheet program would save them (RFC 4180).

/// Appends to a text.  Writing to memory cannot fail.
pub(super) fn add(text: &mut String, words: std::fmt::Arguments<'_>) {
    let _cannot_fail = std::fmt::Write::write_fmt(text, words);
}

/// A table being written.
pub(super) struct Sheet {
    headings: &'static [&'static str],
    text: String,
}

impl Sheet {
    pub(super) fn new(headings: &'static [&'static str]) -> Sheet {
        let mut sheet = Sheet { headings, text: String::new() };
        sheet.line(headings.iter().copied());
        sheet
    }

    /// Adds a row; what is not named stays blank.
    pub(super) fn row(&mut self, cells: &[(&str, &str)]) {
        let headings = self.headings;
        let cell = |heading: &&str| {
            cells.iter().find(|(name, _)| name == heading).map_or("", |(_, value)| *value)
        };
        debug_assert!(
            cells.iter().all(|(name, _)| headings.contains(name)),
            "a cell without a heading: {cells:?}"
        );
        self.line(headings.iter().map(cell));
    }

    fn line<'a>(&mut self, cells: impl Iterator<Item = &'a str>) {
        for (index, cell) in cells.enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            if cell.contains(['"', ',', '\n']) {
                self.text.push('"');
                self.text.push_str(&cell.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(cell);
            }
        }
        self.text.push_str("\r\n");
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}
