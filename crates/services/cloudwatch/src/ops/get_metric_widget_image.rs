//! GetMetricWidgetImage: a graph of metrics as a PNG.
//!
//! Order of refusals: the model's constraints, all together; the format; the widget, in the order in which it is read;
//! its queries, as GetMetricData's.

use crate::errors;
use crate::service::CloudWatch;
use crate::widget::{Curve, Spec, draw};
use model::ApiError;
use model::cloudwatch::{GetMetricWidgetImage, GetMetricWidgetImageInput, GetMetricWidgetImageOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use wire::document::Blob;

const FORMATS: [&str; 2] = ["png", "image/png"];

impl Operation<CloudWatch> for GetMetricWidgetImage {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<GetMetricWidgetImageInput> = Validation::MODEL;
    type Plan = String;

    fn check(input: GetMetricWidgetImageInput) -> Result<String, ApiError> {
        match input.output_format.as_deref() {
            Some(format) if !FORMATS.contains(&format) => Err(errors::invalid_value(format, "OutputFormat")),
            _ => Ok(input.metric_widget.unwrap_or_default()),
        }
    }

    fn access<'a>(_: &'a Cx<'_, CloudWatch>, _: &'a String) -> Access<'a> {
        Need::new("cloudwatch:GetMetricWidgetImage", "*").into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, text: String) -> Result<GetMetricWidgetImageOutput, ApiError> {
        let invalid = |why: String| errors::invalid_widget(&why);
        let widget =
            Spec::parse(&text).and_then(|spec| spec.widget(cx.now_micros / 1_000_000)).map_err(invalid)?;
        let queries = widget.rows.queries()?;
        cx.service.collect(cx.now_micros);
        let answers = cx.service.answers(cx.service.owner(cx), &queries, widget.span, cx.now_micros).await?;
        let curves =
            answers.into_iter().map(|answer| Curve { id: answer.id, label: answer.label, line: answer.line });
        let curves = curves.collect();
        let _one_at_a_time = cx.service.drawing.acquire().await;
        let drawn = tokio::task::spawn_blocking(move || draw(&widget, curves)).await;
        let image = drawn.map_err(|error| errors::not_drawn(&error.to_string()))?;
        Ok(GetMetricWidgetImageOutput { metric_widget_image: Some(Blob(image)) })
    }
}
