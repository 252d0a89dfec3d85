import { LlmError } from '../errors.ts';
import { describe, expect, it } from 'vitest';
import { apiBaseUrl } from './endpoint.ts';

const at = (baseUrl: string) => ({ name: 'e', baseUrl, model: 'm' });

describe('apiBaseUrl', () => {
  it.each([
    ['http://h:8000', 'http://h:8000/v1'],
    ['http://h:8000/', 'http://h:8000/v1'],
    ['http://h:8000/v1', 'http://h:8000/v1'],
    ['http://h:8000/v1/', 'http://h:8000/v1'],
    ['http://h:8000/v1/chat/completions', 'http://h:8000/v1'],
    ['https://api.example/v1beta/openai/chat/completions', 'https://api.example/v1beta/openai'],
    ['https://api.example/v2/abc123/openai/v1', 'https://api.example/v2/abc123/openai/v1'],
    ['https://api.example/v2/abc123/openai', 'https://api.example/v2/abc123/openai/v1'],
    ['https://api.example/api/paas/v4/', 'https://api.example/api/paas/v4'],
    ['http://[::1]:8000//', 'http://[::1]:8000/v1'],
  ])('%s gives %s', (given, url) => {
    expect(apiBaseUrl(at(given))).toBe(url);
  });

  it.each(['', 'h:8000', 'ftp://h', 'http://user:secret@h', 'http://h?key=secret', 'http://h/#x'])(
    'refuses %j without repeating it',
    (given) => {
      const attempt = () => apiBaseUrl(at(given));
      expect(attempt).toThrow(LlmError);
      expect(attempt).not.toThrow(/secret/);
    },
  );
});
