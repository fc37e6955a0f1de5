//! A schema that is filled from another store before any server opens it. Until it is whole it has a table more, by
//! which servers refuse it, and by which filling it is continued.
//!
//! Rows, records and documents are as they were. Positions of the other store are those of epoch 0; the schema's own
//! begin behind them.

use crate::connector::Connector;
use crate::failure::{refused, sentence};
use crate::isolation::{columns, position_of};
use crate::open::{OpenError, runtime};
use crate::options::Options;
use crate::schema;
use crate::url;
use store::{CounterId, FeedCursor, FeedId, Fence, Position, StoreError};
use tokio::runtime::Runtime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};

/// A key and what stands there.
pub type Entry = (Vec<u8>, Vec<u8>);

/// A record of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Its place.
    pub at: FeedCursor,
    /// The time of its commit.
    pub time_micros: u64,
    /// The record.
    pub bytes: Vec<u8>,
}

/// What is small and decides what is there: written last, and at once.
#[derive(Debug, Default)]
pub struct Rest {
    /// All documents, in the order of their keys.
    pub documents: Vec<Entry>,
    /// All counters.
    pub counters: Vec<(CounterId, i64)>,
    /// The fences of what the documents describe.
    pub fences: Vec<Fence>,
}

/// The schema while it is filled. One process fills it at a time.
pub struct Filling {
    client: Client,
    runtime: Runtime,
}

const BEGIN: &str = "CREATE TABLE filling (); UPDATE meta SET epoch = 1;";
const LOCK: &str = "SELECT pg_try_advisory_lock(hashtext(current_schema()), -1)";
/// Entries of one statement.
const LOT: usize = 1_000;

impl Filling {
    /// Makes the schema, or continues one that was begun. Blocks the calling thread, as all of this does.
    ///
    /// # Errors
    /// When the database cannot be used as it is, or has the schema already.
    pub fn begin(options: &Options) -> Result<Filling, OpenError> {
        let target = url::read(&options.url)?;
        let runtime = runtime()?;
        let connector = Connector::new(target, options, runtime.handle().clone());
        let client = runtime.block_on(async {
            let client = schema::prepare_to_fill(&connector, options, BEGIN).await?;
            let locked =
                client.query_one(LOCK, &[]).await.map_err(|error| OpenError::Failed(sentence(&error)))?;
            match locked.get(0) {
                true => Ok(client),
                false => Err(OpenError::Failed("another process fills it".to_owned())),
            }
        })?;
        Ok(Filling { client, runtime })
    }

    fn query(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        self.runtime.block_on(self.client.query(sql, parameters)).map_err(|error| refused(&error))
    }

    fn execute(&self, sql: &str) -> Result<(), StoreError> {
        self.runtime.block_on(self.client.batch_execute(sql)).map_err(|error| refused(&error))
    }

    /// The last row that is there: rows are filled in their order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn last_row(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let last = self.query("SELECT key FROM rows ORDER BY key DESC LIMIT 1", &[])?;
        Ok(last.first().map(|row| row.get(0)))
    }

    /// Rows behind a key, or from the first one on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn rows(&self, after: Option<&[u8]>, limit: usize) -> Result<Vec<Entry>, StoreError> {
        const SQL: &str = "SELECT key, row FROM rows WHERE key > $1 ORDER BY key LIMIT $2";
        let rows = self.query(SQL, &[&after.unwrap_or_default(), &(limit as i64)])?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    /// Writes rows, durably.
    ///
    /// # Errors
    /// When the database does not take them.
    pub fn put_rows(&self, rows: &[Entry]) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO rows SELECT * FROM unnest($1::bytea[], $2::bytea[]) \
                           ON CONFLICT (key) DO UPDATE SET row = excluded.row";
        let (keys, rows): (Vec<_>, Vec<_>) = rows.iter().map(|(key, row)| (&key[..], &row[..])).unzip();
        self.query(SQL, &[&keys, &rows]).map(drop)
    }

    /// The place of the last record of a feed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn last_record(&self, feed: FeedId) -> Result<FeedCursor, StoreError> {
        const SQL: &str = "SELECT epoch, xid, n FROM feed WHERE feed = $1 \
                           ORDER BY epoch DESC, xid DESC, n DESC LIMIT 1";
        let last = self.query(SQL, &[&(feed.0 as i64)])?;
        Ok(last.first().map_or(FeedCursor::START, place))
    }

    /// Records of a feed behind a place.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn records(
        &self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
    ) -> Result<Vec<Appended>, StoreError> {
        const SQL: &str = "SELECT epoch, xid, n, time_micros, record FROM feed \
                           WHERE feed = $1 AND (epoch, xid, n) > ($2, $3, $4) ORDER BY epoch, xid, n LIMIT $5";
        let ((epoch, xid), index) = (columns(after.position), index(after));
        let rows = self.query(SQL, &[&(feed.0 as i64), &epoch, &xid, &index, &(limit as i64)])?;
        let record = |row: &Row| Appended {
            at: place(row),
            time_micros: row.get::<_, i64>(3) as u64,
            bytes: row.get(4),
        };
        Ok(rows.iter().map(record).collect())
    }

    /// Appends records of a feed, durably.
    ///
    /// # Errors
    /// When the database does not take them.
    pub fn append(&self, feed: FeedId, records: &[Appended]) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO feed SELECT $1::bigint, new.* FROM unnest($2::bigint[], $3::bigint[], $4::integer[], \
                           $5::bigint[], $6::bytea[]) AS new";
        let (epochs, xids): (Vec<_>, Vec<_>) =
            records.iter().map(|record| columns(record.at.position)).unzip();
        let indexes: Vec<i32> = records.iter().map(|record| index(record.at)).collect();
        let times: Vec<i64> = records.iter().map(|record| record.time_micros as i64).collect();
        let bytes: Vec<&[u8]> = records.iter().map(|record| &record.bytes[..]).collect();
        self.query(SQL, &[&(feed.0 as i64), &epochs, &xids, &indexes, &times, &bytes]).map(drop)
    }

    /// Writes what is left, reads the documents back, and lets servers in: all of it, or nothing.
    ///
    /// # Errors
    /// When the database does not take it.
    pub fn end(self, rest: &Rest) -> Result<(), StoreError> {
        self.execute("BEGIN")?;
        rest.documents.chunks(LOT).try_for_each(|documents| self.put_documents(documents))?;
        self.put_counters(&rest.counters)?;
        self.put_fences(&rest.fences)?;
        let there = self.query("SELECT key, document FROM documents ORDER BY key", &[])?;
        let there = there.iter().map(|row| (row.get::<_, &[u8]>(0), row.get::<_, &[u8]>(1)));
        if !there.eq(rest.documents.iter().map(|(key, document)| (&key[..], &document[..]))) {
            return Err(StoreError::Corrupt("documents are not as they were written".to_owned()));
        }
        self.execute("DROP TABLE filling; COMMIT")
    }

    fn put_documents(&self, documents: &[Entry]) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO documents SELECT * FROM unnest($1::bytea[], $2::bytea[])";
        let (keys, documents): (Vec<_>, Vec<_>) =
            documents.iter().map(|(key, document)| (&key[..], &document[..])).unzip();
        self.query(SQL, &[&keys, &documents]).map(drop)
    }

    fn put_counters(&self, counters: &[(CounterId, i64)]) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO counters SELECT new.counter, 0, new.value \
                           FROM unnest($1::bigint[], $2::bigint[]) AS new(counter, value)";
        let (counters, values): (Vec<_>, Vec<_>) =
            counters.iter().map(|(counter, value)| (counter.0 as i64, *value)).unzip();
        self.query(SQL, &[&counters, &values]).map(drop)
    }

    fn put_fences(&self, fences: &[Fence]) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO fences SELECT * FROM unnest($1::bigint[], $2::bigint[])";
        let (subjects, versions): (Vec<_>, Vec<_>) =
            fences.iter().map(|fence| (fence.subject as i64, fence.version as i64)).unzip();
        self.query(SQL, &[&subjects, &versions]).map(drop)
    }
}

fn place(row: &Row) -> FeedCursor {
    let position: Position = position_of(row.get(0), row.get(1));
    FeedCursor { position, index: row.get::<_, i32>(2) as u32 }
}

fn index(cursor: FeedCursor) -> i32 {
    i32::try_from(cursor.index).unwrap_or(i32::MAX)
}
