//! Where the package of a version can be fetched: an address of this server that is good for ten minutes, for whoever
//! has it, as the service's own are. Every server on the store takes it.

use crate::code::CodeRef;
use crate::errors;
use crate::functions::Functions;
use model::ApiError;
use pipeline::Seal;
use stdx::Random;
use stdx::future::Boxed;
use store::secret::secret;

/// The path behind which packages lie.
pub const PATH: &str = "/_stator/packages/";

/// The name of the secret that addresses are sealed with.
const SECRET: &str = "lambda";
const LIFE_MICROS: u64 = 600 * 1_000_000;

impl Functions {
    /// The address of a package on this server, which the caller knows by this host.
    pub(crate) async fn location(
        &self,
        code: &CodeRef,
        host: &str,
        now_micros: u64,
    ) -> Result<String, ApiError> {
        let content = serde_json::to_vec(code).expect("a reference has a JSON form");
        let sealed = seal(&self.secret().await?).seal(now_micros, &content);
        let sealed = sealed.replace('+', "-").replace('/', "_").replace('=', "");
        Ok(format!("{}://{host}{PATH}{sealed}", self.scheme()))
    }

    /// The package of an address, by what stands behind [`PATH`]; `None` for one that was not made here, has become too
    /// old, or whose package is gone.
    ///
    /// # Errors
    /// When the store fails.
    pub fn package_at<'a>(
        &'a self,
        sealed: &'a str,
        now_micros: u64,
    ) -> Boxed<'a, Result<Option<Vec<u8>>, ApiError>> {
        Box::pin(async move {
            let padding = "=".repeat((4 - sealed.len() % 4) % 4);
            let sealed = sealed.replace('-', "+").replace('_', "/") + &padding;
            let Ok(content) = seal(&self.secret().await?).open(&sealed, now_micros) else { return Ok(None) };
            let code: CodeRef =
                serde_json::from_slice(&content).map_err(|_| ApiError::silent(errors::SERVICE))?;
            Ok(self.package(&code).await)
        })
    }

    async fn secret(&self) -> Result<[u8; Random::SECRET_BYTES], ApiError> {
        secret(self.store(), SECRET).await.map_err(|error| errors::store(&error))
    }
}

fn seal(secret: &[u8; Random::SECRET_BYTES]) -> Seal<'_> {
    Seal { secret, context: "package", life_micros: LIFE_MICROS }
}
