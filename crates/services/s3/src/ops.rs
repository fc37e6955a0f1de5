//! The table of operations: every operation of the service once, built or planned. A planned one has its path, so that
//! it is not taken for another: `GET /bucket?acl` is no listing.

mod abort_multipart_upload;
mod complete_multipart_upload;
mod copy_object;
mod create_bucket;
mod create_multipart_upload;
mod delete_bucket;
mod delete_bucket_encryption;
mod delete_object;
mod delete_objects;
mod get_bucket_encryption;
mod get_bucket_location;
mod get_object;
mod head_bucket;
mod head_object;
mod list_buckets;
mod list_multipart_uploads;
mod list_objects;
mod list_objects_v2;
mod list_parts;
mod put_bucket_encryption;
mod put_object;
mod upload_part;
mod upload_part_copy;

use crate::service::S3;
use model::s3::{
    AbortMultipartUpload, CompleteMultipartUpload, CopyObject, CreateBucket, CreateMultipartUpload,
    DeleteBucket, DeleteBucketEncryption, DeleteObject, DeleteObjects, GetBucketEncryption,
    GetBucketLocation, GetObject, HeadBucket, HeadObject, ListBuckets, ListMultipartUploads, ListObjects,
    ListObjectsV2, ListParts, PutBucketEncryption, PutObject, UploadPart, UploadPartCopy,
};
use pipeline::{Entry, document_entry, planned};

/// S3's operations.
pub static OPERATIONS: [Entry<S3>; 116] = [
    // Buckets
    document_entry::<_, CreateBucket>(),
    document_entry::<_, HeadBucket>(),
    document_entry::<_, ListBuckets>(),
    document_entry::<_, DeleteBucket>(),
    document_entry::<_, GetBucketLocation>(),
    document_entry::<_, PutBucketEncryption>(),
    document_entry::<_, GetBucketEncryption>(),
    document_entry::<_, DeleteBucketEncryption>(),
    // Objects
    document_entry::<_, PutObject>(),
    document_entry::<_, GetObject>(),
    document_entry::<_, HeadObject>(),
    document_entry::<_, DeleteObject>(),
    document_entry::<_, DeleteObjects>(),
    document_entry::<_, CopyObject>().with_header("x-amz-copy-source"),
    document_entry::<_, ListObjects>(),
    document_entry::<_, ListObjectsV2>(),
    // Multipart uploads
    document_entry::<_, CreateMultipartUpload>(),
    document_entry::<_, UploadPart>().at("PUT", "/{Bucket}/{Key+}?partNumber&uploadId"),
    document_entry::<_, UploadPartCopy>()
        .at("PUT", "/{Bucket}/{Key+}?partNumber&uploadId")
        .with_header("x-amz-copy-source"),
    document_entry::<_, CompleteMultipartUpload>().at("POST", "/{Bucket}/{Key+}?uploadId"),
    document_entry::<_, AbortMultipartUpload>().at("DELETE", "/{Bucket}/{Key+}?uploadId"),
    document_entry::<_, ListParts>().at("GET", "/{Bucket}/{Key+}?uploadId"),
    document_entry::<_, ListMultipartUploads>(),
    // Everything else
    planned("CreateBucketMetadataConfiguration").at("POST", "/{Bucket}?metadataConfiguration"),
    planned("CreateBucketMetadataTableConfiguration").at("POST", "/{Bucket}?metadataTable"),
    planned("CreateSession").at("GET", "/{Bucket}?session"),
    planned("DeleteBucketAnalyticsConfiguration").at("DELETE", "/{Bucket}?analytics"),
    planned("DeleteBucketCors").at("DELETE", "/{Bucket}?cors"),
    planned("DeleteBucketIntelligentTieringConfiguration").at("DELETE", "/{Bucket}?intelligent-tiering"),
    planned("DeleteBucketInventoryConfiguration").at("DELETE", "/{Bucket}?inventory"),
    planned("DeleteBucketLifecycle").at("DELETE", "/{Bucket}?lifecycle"),
    planned("DeleteBucketMetadataConfiguration").at("DELETE", "/{Bucket}?metadataConfiguration"),
    planned("DeleteBucketMetadataTableConfiguration").at("DELETE", "/{Bucket}?metadataTable"),
    planned("DeleteBucketMetricsConfiguration").at("DELETE", "/{Bucket}?metrics"),
    planned("DeleteBucketOwnershipControls").at("DELETE", "/{Bucket}?ownershipControls"),
    planned("DeleteBucketPolicy").at("DELETE", "/{Bucket}?policy"),
    planned("DeleteBucketReplication").at("DELETE", "/{Bucket}?replication"),
    planned("DeleteBucketTagging").at("DELETE", "/{Bucket}?tagging"),
    planned("DeleteBucketWebsite").at("DELETE", "/{Bucket}?website"),
    planned("DeleteObjectAnnotation").at("DELETE", "/{Bucket}/{Key+}?annotation"),
    planned("DeleteObjectTagging").at("DELETE", "/{Bucket}/{Key+}?tagging"),
    planned("DeletePublicAccessBlock").at("DELETE", "/{Bucket}?publicAccessBlock"),
    planned("GetBucketAbac").at("GET", "/{Bucket}?abac"),
    planned("GetBucketAccelerateConfiguration").at("GET", "/{Bucket}?accelerate"),
    planned("GetBucketAcl").at("GET", "/{Bucket}?acl"),
    planned("GetBucketAnalyticsConfiguration").at("GET", "/{Bucket}?analytics"),
    planned("GetBucketCors").at("GET", "/{Bucket}?cors"),
    planned("GetBucketIntelligentTieringConfiguration").at("GET", "/{Bucket}?intelligent-tiering"),
    planned("GetBucketInventoryConfiguration").at("GET", "/{Bucket}?inventory"),
    planned("GetBucketLifecycle").at("GET", "/{Bucket}?lifecycle"),
    planned("GetBucketLifecycleConfiguration").at("GET", "/{Bucket}?lifecycle"),
    planned("GetBucketLogging").at("GET", "/{Bucket}?logging"),
    planned("GetBucketMetadataConfiguration").at("GET", "/{Bucket}?metadataConfiguration"),
    planned("GetBucketMetadataTableConfiguration").at("GET", "/{Bucket}?metadataTable"),
    planned("GetBucketMetricsConfiguration").at("GET", "/{Bucket}?metrics"),
    planned("GetBucketNotification").at("GET", "/{Bucket}?notification"),
    planned("GetBucketNotificationConfiguration").at("GET", "/{Bucket}?notification"),
    planned("GetBucketOwnershipControls").at("GET", "/{Bucket}?ownershipControls"),
    planned("GetBucketPolicy").at("GET", "/{Bucket}?policy"),
    planned("GetBucketPolicyStatus").at("GET", "/{Bucket}?policyStatus"),
    planned("GetBucketReplication").at("GET", "/{Bucket}?replication"),
    planned("GetBucketRequestPayment").at("GET", "/{Bucket}?requestPayment"),
    planned("GetBucketTagging").at("GET", "/{Bucket}?tagging"),
    planned("GetBucketVersioning").at("GET", "/{Bucket}?versioning"),
    planned("GetBucketWebsite").at("GET", "/{Bucket}?website"),
    planned("GetObjectAcl").at("GET", "/{Bucket}/{Key+}?acl"),
    planned("GetObjectAnnotation").at("GET", "/{Bucket}/{Key+}?annotation"),
    planned("GetObjectAttributes").at("GET", "/{Bucket}/{Key+}?attributes"),
    planned("GetObjectLegalHold").at("GET", "/{Bucket}/{Key+}?legal-hold"),
    planned("GetObjectLockConfiguration").at("GET", "/{Bucket}?object-lock"),
    planned("GetObjectRetention").at("GET", "/{Bucket}/{Key+}?retention"),
    planned("GetObjectTagging").at("GET", "/{Bucket}/{Key+}?tagging"),
    planned("GetObjectTorrent").at("GET", "/{Bucket}/{Key+}?torrent"),
    planned("GetPublicAccessBlock").at("GET", "/{Bucket}?publicAccessBlock"),
    planned("ListBucketAnalyticsConfigurations").at("GET", "/{Bucket}?analytics"),
    planned("ListBucketIntelligentTieringConfigurations").at("GET", "/{Bucket}?intelligent-tiering"),
    planned("ListBucketInventoryConfigurations").at("GET", "/{Bucket}?inventory"),
    planned("ListBucketMetricsConfigurations").at("GET", "/{Bucket}?metrics"),
    planned("ListDirectoryBuckets").at("GET", "/").with_header("x-amz-bucket-type"),
    planned("ListObjectAnnotations").at("GET", "/{Bucket}/{Key+}?annotation"),
    planned("ListObjectVersions").at("GET", "/{Bucket}?versions"),
    planned("PutBucketAbac").at("PUT", "/{Bucket}?abac"),
    planned("PutBucketAccelerateConfiguration").at("PUT", "/{Bucket}?accelerate"),
    planned("PutBucketAcl").at("PUT", "/{Bucket}?acl"),
    planned("PutBucketAnalyticsConfiguration").at("PUT", "/{Bucket}?analytics"),
    planned("PutBucketCors").at("PUT", "/{Bucket}?cors"),
    planned("PutBucketIntelligentTieringConfiguration").at("PUT", "/{Bucket}?intelligent-tiering"),
    planned("PutBucketInventoryConfiguration").at("PUT", "/{Bucket}?inventory"),
    planned("PutBucketLifecycle").at("PUT", "/{Bucket}?lifecycle"),
    planned("PutBucketLifecycleConfiguration").at("PUT", "/{Bucket}?lifecycle"),
    planned("PutBucketLogging").at("PUT", "/{Bucket}?logging"),
    planned("PutBucketMetricsConfiguration").at("PUT", "/{Bucket}?metrics"),
    planned("PutBucketNotification").at("PUT", "/{Bucket}?notification"),
    planned("PutBucketNotificationConfiguration").at("PUT", "/{Bucket}?notification"),
    planned("PutBucketOwnershipControls").at("PUT", "/{Bucket}?ownershipControls"),
    planned("PutBucketPolicy").at("PUT", "/{Bucket}?policy"),
    planned("PutBucketReplication").at("PUT", "/{Bucket}?replication"),
    planned("PutBucketRequestPayment").at("PUT", "/{Bucket}?requestPayment"),
    planned("PutBucketTagging").at("PUT", "/{Bucket}?tagging"),
    planned("PutBucketVersioning").at("PUT", "/{Bucket}?versioning"),
    planned("PutBucketWebsite").at("PUT", "/{Bucket}?website"),
    planned("PutObjectAcl").at("PUT", "/{Bucket}/{Key+}?acl"),
    planned("PutObjectAnnotation").at("PUT", "/{Bucket}/{Key+}?annotation"),
    planned("PutObjectLegalHold").at("PUT", "/{Bucket}/{Key+}?legal-hold"),
    planned("PutObjectLockConfiguration").at("PUT", "/{Bucket}?object-lock"),
    planned("PutObjectRetention").at("PUT", "/{Bucket}/{Key+}?retention"),
    planned("PutObjectTagging").at("PUT", "/{Bucket}/{Key+}?tagging"),
    planned("PutPublicAccessBlock").at("PUT", "/{Bucket}?publicAccessBlock"),
    planned("RenameObject").at("PUT", "/{Bucket}/{Key+}?renameObject"),
    planned("RestoreObject").at("POST", "/{Bucket}/{Key+}?restore"),
    planned("SelectObjectContent").at("POST", "/{Bucket}/{Key+}?select&select-type=2"),
    planned("UpdateBucketMetadataAnnotationTableConfiguration")
        .at("PUT", "/{Bucket}?metadataAnnotationTable"),
    planned("UpdateBucketMetadataInventoryTableConfiguration").at("PUT", "/{Bucket}?metadataInventoryTable"),
    planned("UpdateBucketMetadataJournalTableConfiguration").at("PUT", "/{Bucket}?metadataJournalTable"),
    planned("UpdateObjectEncryption").at("PUT", "/{Bucket}/{Key+}?encryption"),
    planned("WriteGetObjectResponse").at("POST", "/WriteGetObjectResponse"),
];
