//! Operations that the SDK does not know: the same unsigned requests, by the same HTTP client.

use std::time::Instant;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use session::{Fault, FaultCode};
use url::Url;

use super::{APP_NAME, Client};
use crate::errors::{self, Operation};
use crate::{drift, http};

/// What stands before the name of an operation in `X-Amz-Target`.
const SERVICE: &str = "AWSCognitoIdentityProviderService";
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
/// A page of 125 sessions with every field as long as it may be, and the token of the next.
const MOST_BYTES: usize = 1024 * 1024;

impl Client {
    /// One try of an operation (AWS JSON 1.1). Gives the answer's body, which is a JSON object.
    pub(super) async fn ask(
        &self,
        operation: Operation,
        name: &str,
        request: Value,
    ) -> Result<Vec<u8>, Fault> {
        let request = self.request(name, &request)?;
        let exchange = Box::pin(self.exchange(operation, request));
        let result = match tokio::time::timeout(self.http.operation_timeout(), exchange).await {
            Ok(result) => result,
            Err(_) => Err(Fault::new(FaultCode::TimedOut)),
        };
        result.inspect_err(|fault| errors::log(operation, fault))
    }

    async fn exchange(&self, operation: Operation, request: HttpRequest) -> Result<Vec<u8>, Fault> {
        let sent_at = Instant::now();
        let answer = self.http.send(request).await.map_err(|error| errors::of_connector(&error))?;
        drift::read(&self.clock, answer.headers(), sent_at);
        let status = answer.status();
        let header = |name: &str| answer.headers().get(name).map(str::to_owned);
        let (kind, exception) = (header("content-type"), header("x-amzn-errortype"));
        let body = http::body(answer, MOST_BYTES).await;
        let kind = kind.as_deref().unwrap_or(errors::NO_CONTENT_TYPE);
        match &body {
            Ok(bytes) if status.is_success() && errors::is_json_object(bytes) => body,
            // The API reference says of many an operation that its answer has no body.
            Ok(bytes) if status.is_success() && bytes.is_empty() && kind == CONTENT_TYPE => {
                Ok(b"{}".to_vec())
            }
            _ => Err(errors::of_body(
                operation,
                status.as_u16(),
                kind,
                exception.as_deref(),
                body.ok().as_deref(),
            )),
        }
    }

    fn request(&self, name: &str, body: &Value) -> Result<HttpRequest, Fault> {
        let impossible = || Fault::with_detail(FaultCode::ParameterRejected, "the request could not be made");
        let endpoint = Url::parse(self.settings.endpoint()).map_err(|_| impossible())?;
        let mut request = HttpRequest::new(SdkBody::from(body.to_string()));
        request.set_method("POST").map_err(|_| impossible())?;
        request.set_uri(endpoint.as_str()).map_err(|_| impossible())?;
        let headers = request.headers_mut();
        headers.insert("content-type", CONTENT_TYPE);
        headers.insert("x-amz-target", format!("{SERVICE}.{name}"));
        headers.insert("user-agent", APP_NAME);
        Ok(request)
    }
}
