//! One connection: its client, its prepared statements, and under which number it writes.

use crate::silence::Silence;
use crate::sql::Sql;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

/// What a statement is sent with.
pub(crate) type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection that is set up. Statements of several callers follow each other on it without waiting for answers.
pub(crate) struct Session {
    client: Client,
    /// Its row in `sessions`; 0 where it does not write.
    pub(crate) number: i64,
    /// The epoch of positions on this connection; see [`crate::isolation`].
    pub(crate) epoch: u64,
    /// When it was opened.
    pub(crate) begun: Duration,
    silence: Arc<Silence>,
    statements: [OnceCell<Statement>; Sql::COUNT],
}

impl Session {
    pub(crate) fn new(
        client: Client,
        silence: Arc<Silence>,
        (number, epoch): (i64, u64),
        begun: Duration,
    ) -> Session {
        let statements = [const { OnceCell::const_new() }; Sql::COUNT];
        Session { client, number, epoch, begun, silence, statements }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// The statement, prepared.
    pub(crate) async fn statement(&self, sql: Sql) -> Result<&Statement, Error> {
        let prepare = || async {
            let _asked = self.silence.ask();
            self.client.prepare(sql.text()).await
        };
        self.statements[sql as usize].get_or_try_init(prepare).await
    }

    pub(crate) async fn query(&self, sql: Sql, parameters: Parameters<'_>) -> Result<Vec<Row>, Error> {
        let statement = self.statement(sql).await?;
        let _asked = self.silence.ask();
        self.client.query(statement, parameters).await
    }

    /// A statement without parameters or rows.
    pub(crate) async fn execute(&self, statement: &str) -> Result<(), Error> {
        let _asked = self.silence.ask();
        self.client.batch_execute(statement).await
    }
}
