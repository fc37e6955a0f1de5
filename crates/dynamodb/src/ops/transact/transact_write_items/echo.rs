//! An element of TransactItems as Java prints it, for the text about a list that is too long.

use super::action::{self, Action, ActionKind};
use crate::checks::java_text::JavaText;
use model::dynamodb::TransactWriteItem;

/// Appends the element.
pub(super) fn put_element(text: &mut JavaText, element: &TransactWriteItem) {
    let [put, update, delete, check] = action::actions(element);
    let members =
        [("(conditionCheck=", check), (", put=", put), (", delete=", delete), (", update=", update)];
    text.put("TransactWriteItem");
    for (member, action) in members {
        text.put(member);
        match action {
            Some(action) => put_action(text, &action),
            None => drop(text.put("null")),
        }
    }
    text.put(")");
}

fn put_action(text: &mut JavaText, action: &Action<'_>) {
    text.put(shape(action.kind))
        .put("(")
        .put(action.kind.attributes_member())
        .put("=")
        .attributes(action.attributes);
    if action.kind == ActionKind::Update {
        text.put(", updateExpression=").optional(action.update);
    }
    text.put(", tableName=")
        .optional(action.table_name)
        .put(", conditionExpression=")
        .optional(action.condition)
        .put(", expressionAttributeNames=")
        .names(action.names)
        .put(", expressionAttributeValues=")
        .values(action.values)
        .put(", returnValuesOnConditionCheckFailure=")
        .optional(action.on_failure.as_deref())
        .put(", workloadProfileName=null)");
}

fn shape(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::Put => "Put",
        ActionKind::Update => "Update",
        ActionKind::Delete => "Delete",
        ActionKind::Check => "ConditionCheck",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_named() {
        let element: TransactWriteItem = wire::json::decode(
            br##"{"Update":{"Key":{"pk":{"S":"k"}},"UpdateExpression":"SET #n = :v","TableName":"abc",
                "ExpressionAttributeNames":{"#n":"a"}}}"##,
        )
        .unwrap();
        let mut text = JavaText::default();
        put_element(&mut text, &element);
        assert_eq!(
            text.finish(),
            "TransactWriteItem(conditionCheck=null, put=null, delete=null, update=Update(key={pk=AttributeValue(s=k, \
             n=null, b=null, iNT=null, dECIMAL=null, dOUBLE=null, sS=null, nS=null, bS=null, iNTSET=null, \
             dECIMALSET=null, dOUBLESET=null, m=null, l=null, nULL=null, bOOL=null)}, updateExpression=SET #n = :v, \
             tableName=abc, conditionExpression=null, expressionAttributeNames={#n=a}, \
             expressionAttributeValues=null, returnValuesOnConditionCheckFailure=null, workloadProfileName=null))"
        );
    }
}
