//! `exposome formats`: the kinds of documents that are understood.

use crate::cli::Rendering;
use crate::exit::Exit;
use crate::output::{List, column};
use anyhow::Result;
use serde_json::json;

pub(crate) fn run(rendering: Rendering) -> Result<Exit> {
    let mut list = List::new(&[
        column("format", "format"),
        column("title", "what it is"),
        column("known_by", "known by"),
        column("specified_in", "specified in"),
    ]);
    for format in exposome_intake::formats() {
        list.push(vec![
            json!(format.id),
            json!(format.title),
            json!(format.known_by),
            json!(format.specified_in),
        ]);
    }
    list.print(rendering)?;
    Ok(Exit::Done)
}
