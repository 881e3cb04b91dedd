import { ApiError } from "../api/client";

/** Splits what the API said about a form: the sentence for one field, or the one for the form as a whole. */
export function fieldError(error: Error | null, field: string): { atField: string | null; atForm: string | null } {
  if (error === null) return { atField: null, atForm: null };
  const isHere = error instanceof ApiError && error.field === field;
  return isHere ? { atField: error.message, atForm: null } : { atField: null, atForm: error.message };
}
