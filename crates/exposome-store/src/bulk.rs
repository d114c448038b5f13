//! Many rows into one table, fast on each database.
//!
//! `SQLite`: one prepared statement for a few rows at a time, inside the transaction:
//! each run of a statement is a message to the thread that holds the database.  The
//! parameters bear no numbers, since each `$7` is a name that is looked up in a
//! list, which makes long lists of them quadratic.  `PostgreSQL`: `COPY`.

use crate::{Error, Link};
use sqlx::{AssertSqlSafe, Sqlite};
use std::fmt::Write as _;

/// One value of a row.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
    Null,
}

/// A table and the columns that rows are given for, in their order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
}

/// How many rows one statement inserts on `SQLite`.
const ROWS: usize = 16;

/// Inserts all rows; a row that breaks a key is an error and the transaction is lost.
pub(crate) async fn insert(
    link: Link<'_>,
    table: Table,
    rows: Vec<Vec<Value>>,
) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    match link {
        Link::Sqlite(connection) => {
            let [one, several] = [1, ROWS].map(|rows| insert_rows(table, rows));
            let alone = rows.len() % ROWS;
            let mut rows = rows.into_iter();
            // Table and column names are ours; every value is bound.
            for row in rows.by_ref().take(alone) {
                let query = sqlx::query(AssertSqlSafe(one.as_str()));
                bound(query, row).execute(&mut *connection).await?;
            }
            while rows.len() > 0 {
                let query = sqlx::query(AssertSqlSafe(several.as_str()));
                bound(query, rows.by_ref().take(ROWS).flatten()).execute(&mut *connection).await?;
            }
        }
        Link::Postgres(connection) => {
            let statement =
                format!("COPY {} ({}) FROM STDIN", table.name, table.columns.join(", "));
            let mut copy = connection.copy_in_raw(&statement).await?;
            for chunk in rows.chunks(1_000) {
                let lines: String = chunk.iter().map(|row| copy_line(row)).collect();
                copy.send(lines.into_bytes()).await?;
            }
            copy.finish().await?;
        }
    }
    Ok(())
}

/// `INSERT` with places for so many rows.
fn insert_rows(table: Table, rows: usize) -> String {
    let row = format!("({})", vec!["?"; table.columns.len()].join(", "));
    let rows = vec![row; rows].join(", ");
    format!("INSERT INTO {} ({}) VALUES {rows}", table.name, table.columns.join(", "))
}

type Query<'q> = sqlx::query::Query<'q, Sqlite, <Sqlite as sqlx::Database>::Arguments>;

fn bound(query: Query<'_>, values: impl IntoIterator<Item = Value>) -> Query<'_> {
    values.into_iter().fold(query, |query, value| match value {
        Value::Number(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
        Value::Null => query.bind(None::<i64>),
    })
}

/// A row in COPY's text format (`PostgreSQL` documentation, COPY, "Text Format").
fn copy_line(row: &[Value]) -> String {
    let mut line = String::new();
    for (place, value) in row.iter().enumerate() {
        if place > 0 {
            line.push('\t');
        }
        match value {
            Value::Number(number) => line.push_str(&number.to_string()),
            Value::Text(text) => push_escaped(&mut line, text),
            Value::Bytes(bytes) => {
                line.push_str("\\\\x");
                for byte in bytes {
                    let _ = write!(line, "{byte:02x}");
                }
            }
            Value::Null => line.push_str("\\N"),
        }
    }
    line.push('\n');
    line
}

/// `PostgreSQL` text holds no NUL; readers have refused it long before.
fn push_escaped(line: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            '\0' => line.push('\u{fffd}'),
            other => line.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_or_backslash_in_a_name_stays_in_its_column() {
        let row = [
            Value::Text("a\tb\\c\n".into()),
            Value::Bytes(vec![0, 255]),
            Value::Null,
            Value::Number(-1),
        ];
        assert_eq!(copy_line(&row), "a\\tb\\\\c\\n\t\\\\x00ff\t\\N\t-1\n");
    }
}
