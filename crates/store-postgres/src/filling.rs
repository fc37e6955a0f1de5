//! A schema that is filled from another store before any server opens it. Until it is whole it has a table more, by
//! which servers refuse it, and which says from what it is filled and how far that has come.
//!
//! Rows, records and documents are as they were. Positions of the other store are those of epoch 0; the schema's own
//! begin behind them. The other store may go on meanwhile: what it has changed is written here in the order of its
//! commits, and may be written again.

use crate::connector::Connector;
use crate::failure::refused;
use crate::isolation::{columns, position_of};
use crate::open::{OpenError, runtime};
use crate::options::Options;
use crate::schema;
use crate::url;
use std::collections::BTreeMap;
use store::memory::after_prefix;
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

/// How far filling has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Names the log of the other store by which it goes on. Empty as long as not all has been copied once.
    pub series: String,
    /// The position of the other store up to which its changes are written here.
    pub written: u64,
    /// The same of what has been read back and compared.
    pub compared: u64,
}

/// What some commits of the other store come to, each key once.
#[derive(Debug, Default)]
pub struct Lot {
    /// Rows, and none where they were deleted.
    pub rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// Records of feeds.
    pub records: BTreeMap<FeedId, Vec<Appended>>,
    /// Up to where feeds were forgotten.
    pub trims: BTreeMap<FeedId, FeedCursor>,
}

/// The schema while it is filled. One process fills it at a time.
pub struct Filling {
    client: Client,
    runtime: Runtime,
    id: String,
}

/// A schema that is there.
struct Opened {
    client: Client,
    runtime: Runtime,
    is_filling: bool,
    source: String,
    id: String,
}

impl Opened {
    /// Takes it, unless it is whole.
    fn filling(self, options: &Options) -> Result<Option<Filling>, OpenError> {
        let Opened { client, runtime, is_filling, id, .. } = self;
        if !is_filling {
            return Ok(None);
        }
        match runtime.block_on(client.query_one(LOCK, &[]))?.get(0) {
            true => Ok(Some(Filling { client, runtime, id })),
            false => Err(OpenError::Failed(format!("another process fills {}", options.schema))),
        }
    }
}

/// The comment says from what the schema is filled.
fn begin_sql(source: &str) -> String {
    let source = source.replace('\'', "''");
    format!(
        "CREATE TABLE filling (source text, series text NOT NULL, written bigint NOT NULL, compared bigint NOT NULL); \
         INSERT INTO filling VALUES ('{source}', '', 0, 0); COMMENT ON TABLE meta IS '{source}'; \
         UPDATE meta SET epoch = 1;"
    )
}

const WHOSE: &str =
    "SELECT coalesce(obj_description('meta'::regclass, 'pg_class'), ''), encode(lock_key, 'hex') FROM meta";
const LOCK: &str = "SELECT pg_try_advisory_lock(hashtext(current_schema()), -1)";
/// Entries of one statement.
const LOT: usize = 1_000;

impl Filling {
    /// Makes the schema, to be filled from this source, or continues one that was begun. Blocks the calling thread, as
    /// all of this does.
    ///
    /// # Errors
    /// When the database cannot be used as it is, has the schema already, or one that is filled from another source.
    pub fn begin(options: &Options, source: &str) -> Result<Filling, OpenError> {
        let opened = Self::open(options, Some(&begin_sql(source)))?;
        let (is_filling, schema) = (opened.is_filling, options.schema.clone());
        if is_filling && opened.source != source {
            return Err(OpenError::OtherSource { schema });
        }
        opened.filling(options)?.ok_or(OpenError::NotEmpty { schema })
    }

    /// Continues the schema with this [`id`](Self::id); none, if it is whole already. Makes no schema.
    ///
    /// # Errors
    /// When the database cannot be used as it is, or the schema is another one or not there.
    pub fn resume(options: &Options, id: &str) -> Result<Option<Filling>, OpenError> {
        let no_schema = || OpenError::NoSchema { schema: options.schema.clone() };
        match Self::open(options, None)? {
            Opened { id: found, .. } if found != id => Err(no_schema()),
            opened => opened.filling(options),
        }
    }

    /// Tells the schema from all others.
    pub fn id(&self) -> &str {
        &self.id
    }

    fn open(options: &Options, make_with: Option<&str>) -> Result<Opened, OpenError> {
        let target = url::read(&options.url)?;
        let runtime = runtime()?;
        let connector = Connector::new(target, options, runtime.handle().clone());
        let (client, is_filling, line) = runtime.block_on(async {
            let (client, is_filling) = schema::prepare_to_fill(&connector, options, make_with).await?;
            let line = client.query_one(WHOSE, &[]).await?;
            Ok::<_, OpenError>((client, is_filling, line))
        })?;
        let (source, id) = (line.get(0), line.get(1));
        Ok(Opened { client, runtime, is_filling, source, id })
    }

    /// How far it has come.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn progress(&self) -> Result<Progress, StoreError> {
        let lines = self.query("SELECT series, written, compared FROM filling", &[])?;
        let line = lines.first().ok_or_else(|| StoreError::Corrupt("filling has no line".to_owned()))?;
        let position = |index| line.get::<_, i64>(index) as u64;
        Ok(Progress { series: line.get(0), written: position(1), compared: position(2) })
    }

    /// Notes how far it has come.
    ///
    /// # Errors
    /// When the database does not take it.
    pub fn note(&self, progress: &Progress) -> Result<(), StoreError> {
        let Progress { series, written, compared } = progress;
        let update = "UPDATE filling SET series = $1, written = $2, compared = $3";
        self.query(update, &[series, &(*written as i64), &(*compared as i64)]).map(drop)
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

    /// The rows of some keys, in the order of their keys.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn rows_of(&self, keys: &[&[u8]]) -> Result<Vec<Entry>, StoreError> {
        const SQL: &str = "SELECT rows.key, row FROM unnest($1::bytea[]) AS asked(key) JOIN rows USING (key)";
        let mut rows: Vec<Entry> =
            self.query(SQL, &[&keys])?.iter().map(|row| (row.get(0), row.get(1))).collect();
        rows.sort();
        Ok(rows)
    }

    /// Rows whose keys begin so, behind a key or from the first one on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn rows_in(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        const SQL: &str = "SELECT key, row FROM rows WHERE key >= $1 AND key > $2 \
                           AND ($3::bytea IS NULL OR key < $3) ORDER BY key LIMIT $4";
        let (after, end) = (after.unwrap_or_default(), after_prefix(prefix));
        let rows = self.query(SQL, &[&prefix, &after, &end, &(limit as i64)])?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    /// Lets these be all rows behind one key and up to another, or to the end, durably.
    ///
    /// # Errors
    /// When the database does not take them.
    pub fn replace_rows(
        &self,
        after: Option<&[u8]>,
        up_to: Option<&[u8]>,
        rows: &[Entry],
    ) -> Result<(), StoreError> {
        let after = after.unwrap_or_default();
        match up_to {
            Some(up_to) => self.query("DELETE FROM rows WHERE key > $1 AND key <= $2", &[&after, &up_to])?,
            None => self.query("DELETE FROM rows WHERE key > $1", &[&after])?,
        };
        self.put_rows(rows)
    }

    /// The first feed from this one on that has records.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn feed_from(&self, feed: FeedId) -> Result<Option<FeedId>, StoreError> {
        // A column of bigint has the bits of a number, and its order is another one.
        let (first, last) =
            if feed.0 > i64::MAX as u64 { (feed.0, u64::MAX) } else { (feed.0, i64::MAX as u64) };
        const SQL: &str = "SELECT feed FROM feed WHERE feed >= $1 AND feed <= $2 ORDER BY feed LIMIT 1";
        let found = self.query(SQL, &[&(first as i64), &(last as i64)])?;
        match found.first() {
            Some(row) => Ok(Some(FeedId(row.get::<_, i64>(0) as u64))),
            None if last == u64::MAX => Ok(None),
            None => self.feed_from(FeedId(last + 1)),
        }
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
                           $5::bigint[], $6::bytea[]) AS new ON CONFLICT DO NOTHING";
        let (epochs, xids): (Vec<_>, Vec<_>) =
            records.iter().map(|record| columns(record.at.position)).unzip();
        let indexes: Vec<i32> = records.iter().map(|record| index(record.at)).collect();
        let times: Vec<i64> = records.iter().map(|record| record.time_micros as i64).collect();
        let bytes: Vec<&[u8]> = records.iter().map(|record| &record.bytes[..]).collect();
        self.query(SQL, &[&(feed.0 as i64), &epochs, &xids, &indexes, &times, &bytes]).map(drop)
    }

    /// Removes the records of a feed behind one place and up to another, or to the end.
    ///
    /// # Errors
    /// When the database does not take it.
    pub fn remove_records(
        &self,
        feed: FeedId,
        after: FeedCursor,
        up_to: Option<FeedCursor>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM feed WHERE feed = $1 AND (epoch, xid, n) > ($2, $3, $4) \
                           AND (epoch, xid, n) <= ($5, $6, $7)";
        let end = up_to.unwrap_or(FeedCursor::behind(Position(u128::MAX)));
        let ((epoch, xid), n) = (columns(after.position), index(after));
        let ((end_epoch, end_xid), end_n) = (columns(end.position), index(end));
        self.query(SQL, &[&(feed.0 as i64), &epoch, &xid, &n, &end_epoch, &end_xid, &end_n]).map(drop)
    }

    /// Writes what some commits come to, and that all up to this position is written: both, or neither.
    ///
    /// # Errors
    /// When the database does not take it.
    pub fn write(&self, lot: &Lot, written: u64) -> Result<(), StoreError> {
        self.execute("BEGIN")?;
        let put: Vec<Entry> =
            lot.rows.iter().filter_map(|(key, row)| Some((key.clone(), row.clone()?))).collect();
        let gone: Vec<&[u8]> =
            lot.rows.iter().filter(|(_, row)| row.is_none()).map(|(key, _)| &key[..]).collect();
        if !put.is_empty() {
            self.put_rows(&put)?;
        }
        if !gone.is_empty() {
            self.query("DELETE FROM rows WHERE key = ANY ($1)", &[&gone])?;
        }
        lot.records.iter().try_for_each(|(feed, records)| self.append(*feed, records))?;
        for (feed, up_to) in &lot.trims {
            self.remove_records(*feed, FeedCursor::START, Some(*up_to))?;
        }
        self.query("UPDATE filling SET written = $1", &[&(written as i64)])?;
        self.execute("COMMIT")
    }

    /// Deletes all rows whose keys begin so, a lot at a time.
    ///
    /// # Errors
    /// When the database does not take it.
    pub fn drop_range(&self, prefix: &[u8]) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM rows WHERE key IN (SELECT key FROM rows WHERE key >= $1 \
                           AND ($2::bytea IS NULL OR key < $2) ORDER BY key LIMIT $3) RETURNING key";
        let end = after_prefix(prefix);
        while self.query(SQL, &[&prefix, &end, &(LOT as i64)])?.len() == LOT {}
        Ok(())
    }

    /// Writes what is left, reads the documents back, and lets servers in: all of it, or nothing. What is to be done
    /// when nothing but that is left, `last`, comes before.
    ///
    /// # Errors
    /// When the database does not take it, or what `last` fails with.
    pub fn end(self, rest: &Rest, last: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.execute("BEGIN")?;
        rest.documents.chunks(LOT).try_for_each(|documents| self.put_documents(documents))?;
        self.put_counters(&rest.counters)?;
        self.put_fences(&rest.fences)?;
        let there = self.query("SELECT key, document FROM documents ORDER BY key", &[])?;
        let there = there.iter().map(|row| (row.get::<_, &[u8]>(0), row.get::<_, &[u8]>(1)));
        if !there.eq(rest.documents.iter().map(|(key, document)| (&key[..], &document[..]))) {
            return Err(StoreError::Corrupt("documents are not as they were written".to_owned()));
        }
        last()?;
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
