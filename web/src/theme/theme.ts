import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

// Mantine draws with these scales; our own components use tokens.css.
const accent: MantineColorsTuple = [
  '#e6f6f4',
  '#c9ebe7',
  '#9addd5',
  '#76d7cc',
  '#62d2c6',
  '#2fa49b',
  '#15807d',
  '#0a6167',
  '#075257',
  '#064a4f',
];
const gray: MantineColorsTuple = [
  '#f9faf8',
  '#f3f4f1',
  '#eceee9',
  '#dee0da',
  '#c4c8c1',
  '#80877f',
  '#5b6569',
  '#434c50',
  '#2a3235',
  '#13191b',
];
const dark: MantineColorsTuple = [
  '#e5ebeb',
  '#c9d2d4',
  '#b3bfc2',
  '#91a0a5',
  '#33434a',
  '#1e292d',
  '#12191c',
  '#0c1113',
  '#090d0f',
  '#06090a',
];

// The dark scheme's accent is light, so what stands on it must be dark.
const variantColors: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  const onAccent = input.variant === 'filled' && (input.color ?? input.theme.primaryColor) === 'accent';
  return onAccent ? { ...colors, color: 'var(--on-accent)' } : colors;
};

export const theme = createTheme({
  variantColorResolver: variantColors,
  colors: { accent, gray, dark },
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  black: '#13191b',
  fontFamily: 'var(--font-sans)',
  fontFamilyMonospace: 'var(--font-mono)',
  defaultRadius: 4,
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    SegmentedControl: { classNames: { root: 'segments', label: 'segment', indicator: 'segment-on' } },
    Menu: { defaultProps: { shadow: 'md' } },
    Modal: { classNames: { content: 'modal', header: 'modal-head', title: 'modal-title' } },
  },
});

/** Binds Mantine's own variables to the tokens, so that both worlds agree. */
export const variables: CSSVariablesResolver = () => {
  const both = {
    '--mantine-color-body': 'var(--bg)',
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--ink-3)',
    '--mantine-color-default': 'var(--surface)',
    '--mantine-color-default-hover': 'var(--surface-3)',
    '--mantine-color-default-color': 'var(--ink)',
    '--mantine-color-default-border': 'var(--line-strong)',
    '--mantine-color-placeholder': 'var(--ink-3)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-color-error': 'var(--sev-high)',
  };
  return { variables: {}, light: both, dark: both };
};
