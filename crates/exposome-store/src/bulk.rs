//! Many rows into one table, fast on each database.
//!
//! `SQLite`: one prepared statement, run once a row inside the transaction.  A
//! `VALUES` list with thousands of numbered parameters is quadratic there (each
//! `$7` is a name that is looked up in a list), ten times slower than this.
//! `PostgreSQL`: `COPY`.

use crate::{Error, Link};
use sqlx::AssertSqlSafe;
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

/// Inserts all rows; a row that breaks a key is an error and the transaction is lost.
pub(crate) async fn insert(link: Link<'_>, table: Table, rows: &[Vec<Value>]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    match link {
        Link::Sqlite(connection) => {
            let marks = vec!["?"; table.columns.len()].join(", ");
            let sql = format!(
                "INSERT INTO {} ({}) VALUES ({marks})",
                table.name,
                table.columns.join(", ")
            );
            for row in rows {
                // Table and column names are ours; every value is bound.
                let mut query = sqlx::query(AssertSqlSafe(sql.as_str()));
                for value in row {
                    query = match value {
                        Value::Number(number) => query.bind(*number),
                        Value::Text(text) => query.bind(text.as_str()),
                        Value::Bytes(bytes) => query.bind(bytes.as_slice()),
                        Value::Null => query.bind(None::<i64>),
                    };
                }
                query.execute(&mut *connection).await?;
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
