/** Settles as the promise does, or rejects after so many milliseconds. What comes later is let be. */
export async function within<Answer>(promise: Promise<Answer>, ms: number, message: string): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
