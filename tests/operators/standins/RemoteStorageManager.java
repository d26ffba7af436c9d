package io.aiven.kafka.tieredstorage;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.server.log.remote.storage.LocalTieredStorage;
import org.apache.kafka.server.log.remote.storage.LogSegmentData;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata.CustomMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteStorageException;

/** Stands where Aiven's plugin is in the image of prod: Kafka's own for tests, which keeps segments in a folder. */
public class RemoteStorageManager
    implements org.apache.kafka.server.log.remote.storage.RemoteStorageManager {
  private final LocalTieredStorage folder = new LocalTieredStorage();

  @Override
  public void configure(Map<String, ?> settings) {
    Map<String, Object> all = new HashMap<>(settings);
    all.put("dir", System.getenv("STANDIN_STORE"));
    folder.configure(all);
  }

  @Override
  public Optional<CustomMetadata> copyLogSegmentData(
      RemoteLogSegmentMetadata metadata, LogSegmentData data) throws RemoteStorageException {
    return folder.copyLogSegmentData(metadata, data);
  }

  @Override
  public InputStream fetchLogSegment(RemoteLogSegmentMetadata metadata, int start)
      throws RemoteStorageException {
    return folder.fetchLogSegment(metadata, start);
  }

  @Override
  public InputStream fetchLogSegment(RemoteLogSegmentMetadata metadata, int start, int end)
      throws RemoteStorageException {
    return folder.fetchLogSegment(metadata, start, end);
  }

  @Override
  public InputStream fetchIndex(RemoteLogSegmentMetadata metadata, IndexType type)
      throws RemoteStorageException {
    return folder.fetchIndex(metadata, type);
  }

  @Override
  public void deleteLogSegmentData(RemoteLogSegmentMetadata metadata)
      throws RemoteStorageException {
    folder.deleteLogSegmentData(metadata);
  }

  @Override
  public void close() throws IOException {
    folder.close();
  }
}
