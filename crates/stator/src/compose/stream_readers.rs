//! What roles of functions may read: asked of their policies, and of those of streams, as if the role read the stream
//! itself; and the callers that these roles are.

use dynamodb::service::DynamoDbStreams;
use event_source::permission::Reading;
use event_source::{ReadPermission, SourceKind};
use figures::Figures;
use iam::Directory;
use identity::CredentialSource;
use lambda::Functions;
use lambda::access::{SERVICE, SESSION_SECONDS};
use lambda::destinations::RoleCaller;
use pipeline::{Caller, Cx, Host, Need, RequestId, Service, demand};
use std::sync::Arc;
use stdx::{Clock, Random};
use sts::service_session::{self, Asker, Lasting};

/// What knows roles and streams.
pub(super) struct StreamReaders {
    pub(super) directory: Arc<Directory>,
    pub(super) functions: Functions,
    pub(super) streams: DynamoDbStreams,
    pub(super) figures: Arc<Figures>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Random,
}

impl StreamReaders {
    /// As mappings ask for it.
    pub(super) fn permission(self: &Arc<Self>) -> ReadPermission {
        let readers = Arc::clone(self);
        ReadPermission::by(Arc::new(move |reading| {
            let readers = Arc::clone(&readers);
            Box::pin(async move { readers.permits(&reading).await })
        }))
    }

    /// The roles of functions as callers.
    pub(super) fn roles(self: &Arc<Self>) -> Arc<RoleCaller> {
        let readers = Arc::clone(self);
        Arc::new(move |function_arn| {
            let readers = Arc::clone(&readers);
            Box::pin(async move {
                let role = readers.functions.role(&function_arn).await?;
                readers.directory.refresh().await.ok()?;
                readers.caller(&role, &function_arn)
            })
        })
    }

    /// A function that is not there has no role: that is told when it is called.
    async fn permits(&self, reading: &Reading) -> bool {
        let Some(role) = self.functions.role(&reading.function_arn).await else { return true };
        let refreshed = (self.directory.refresh().await.is_ok(), self.streams.refresh().await.is_ok());
        let caller = self.caller(&role, &reading.function_arn).filter(|_| refreshed == (true, true));
        caller.is_some_and(|caller| self.may(&caller, &reading.source_arn))
    }

    /// A session of the role, as the function would have it.
    fn caller(&self, role: &str, function_arn: &str) -> Option<Caller> {
        let part = |at| function_arn.split(':').nth(at).unwrap_or_default();
        let (region, account, name) = (part(3), part(4), part(6));
        let lasting = Lasting { now_micros: self.clock.now_micros(), seconds: SESSION_SECONDS };
        let source_arn = &function_arn.split(':').take(7).collect::<Vec<_>>().join(":");
        let (asker, of_function) = (Asker { service: SERVICE, source_arn }, (account, role, name));
        let session = service_session::of_role(&self.directory, of_function, asker, lasting, &self.random)?;
        let found = self.directory.find(&session.access_key_id, Some(&session.session_token)).ok()?;
        let (account, access_key_id) = (account.into(), session.access_key_id.into());
        Some(Caller { account, region: region.into(), access_key_id, principal: found.principal })
    }

    fn may(&self, caller: &Caller, source_arn: &str) -> bool {
        let (now_micros, request_id) = (self.clock.now_micros(), &RequestId::draw(&self.random));
        let tally = &self.figures.begin(now_micros);
        let (service, host, random) = (&self.streams, Host::Named(""), &self.random);
        let cx = Cx { service, caller, now_micros, request_id, host, random, tally };
        let may = |needs: &[Need<'_>]| needs.iter().all(|need| demand(&cx, need).is_ok());
        let needs = needs(&cx, source_arn);
        // Whoever may list streams may list all, or is allowed it on those that it reads.
        let lists = |resource: &str| Need::new(listing(source_arn), resource);
        may(&needs) && (may(&[lists(source_arn)]) || may(&[lists("*")]))
    }
}

/// What reads records, beside listing.
fn needs(cx: &Cx<'_, DynamoDbStreams>, source_arn: &str) -> Vec<Need<'static>> {
    if SourceKind::of(source_arn) == Some(SourceKind::DynamoDb) {
        let actions = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"];
        let needs = actions.map(|action| dynamodb::access_to_stream(cx, action, Some(source_arn)).needs);
        return needs.into_iter().flatten().collect();
    }
    match source_arn.split_once("/consumer/") {
        Some((stream, _)) => vec![
            Need::new("kinesis:SubscribeToShard", source_arn),
            Need::new("kinesis:DescribeStream", stream),
        ],
        None => ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream"]
            .map(|action| Need::new(action, source_arn))
            .into(),
    }
}

fn listing(source_arn: &str) -> &'static str {
    match SourceKind::of(source_arn) {
        Some(SourceKind::DynamoDb) => "dynamodb:ListStreams",
        _ => "kinesis:ListStreams",
    }
}
