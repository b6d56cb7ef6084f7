/** A one-node Kafka broker in a container, where a Docker engine answers. */
import { CptError } from '../../src/errors.ts';
import type { Broker } from '../broker.ts';
import { freePorts } from './free-ports.ts';

/** The same version as in pom.xml and compose.yaml. */
export const KAFKA_IMAGE = 'apache/kafka:4.4.0';

/** @throws CptError CPT_KAFKA where no Docker engine answers or the image cannot be run */
export async function startContainerBroker(): Promise<Broker> {
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers').catch(
    (cause) => {
      throw new CptError('CPT_KAFKA', 'The package testcontainers is not installed.', { cause });
    },
  );
  const client = await getContainerRuntimeClient().catch((cause) => {
    throw new CptError('CPT_KAFKA', 'No Docker engine answers.', { cause });
  });
  const host = client.info.containerRuntime.host;
  const [port] = (await freePorts(1)) as [number];
  try {
    // Clients are told the advertised address, so the outer port must be known before the broker starts.
    const container = await new GenericContainer(KAFKA_IMAGE)
      .withExposedPorts({ container: 9092, host: port })
      .withEnvironment({
        KAFKA_NODE_ID: '1',
        KAFKA_PROCESS_ROLES: 'broker,controller',
        KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
        KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${host}:${port}`,
        KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
        KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
        KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
        KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      })
      .withWaitStrategy(Wait.forLogMessage('Kafka Server started'))
      .withStartupTimeout(120_000)
      .start();
    return {
      brokers: [`${host}:${port}`],
      how: `container ${KAFKA_IMAGE}`,
      async stop() {
        await container.stop();
      },
      async restart() {
        await container.restart();
      },
    };
  } catch (cause) {
    throw new CptError('CPT_KAFKA', `${KAFKA_IMAGE} could not be run: ${(cause as Error).message}`, {
      cause,
    });
  }
}
