import { SwarmError } from '@agentswarm/core';

/** A credential is not declared, or could not be loaded. The message holds the reason, never a value. */
export class CredentialNotFoundError extends SwarmError<'CREDENTIAL_NOT_FOUND'> {
  constructor(credentialId: string, reason: string) {
    super('CREDENTIAL_NOT_FOUND', `Credential '${credentialId}' is not available: ${reason}`, {
      details: { credential_id: credentialId },
      traits: { kind: 'config', retryable: false },
    });
  }
}
