// The look: one accent colour, the system's own fonts, colours that meet WCAG 2.2 AA in light and dark.
import { createTheme, type CSSVariablesResolver } from '@mantine/core';
import { partText } from '../text/part.ts';

/** Shade 7 is 5.6:1 on white and under white. */
const accent = [
  '#e5f6f9',
  '#c9e9f0',
  '#95d3e0',
  '#5fbccf',
  '#38a8bf',
  '#1f97b0',
  '#10859d',
  '#0b7285',
  '#095f70',
  '#06495a',
] as const;

const fontFamily = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';
const fontFamilyMonospace = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace';

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 7 },
  colors: { accent },
  fontFamily,
  fontFamilyMonospace,
  headings: { fontFamily, fontWeight: '650' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Tooltip: {
      defaultProps: {
        openDelay: 250,
        multiline: true,
        maw: 360,
        events: { hover: true, focus: true, touch: false },
      },
    },
    // Its header is no landmark: the page has a banner already.
    Modal: {
      defaultProps: { centered: false, radius: 'md', attributes: { header: { role: 'presentation' } } },
    },
    PasswordInput: {
      defaultProps: { visibilityToggleButtonProps: { 'aria-label': partText.showPassword } },
    },
    // Its place for the first focus is no item: a list of items has nothing else in it.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Anchor: { defaultProps: { underline: 'hover' } },
    Table: { defaultProps: { verticalSpacing: 6 } },
  },
});

/** Mantine's own greys are too pale for small text: 3.3:1. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#596169',
    '--mantine-color-placeholder': '#6a727a',
    '--mantine-color-disabled-color': '#596169',
    '--mantine-color-error': '#b42323',
    '--mantine-color-anchor': '#0b6478',
    '--mantine-color-default-border': '#cfd6dc',
    '--mantine-color-accent-light-color': '#095f70',
    // Shade 2 would leave 4.4:1.
    '--mantine-color-accent-light-hover': '#b3dfe9',
    '--mantine-color-red-light-color': '#a61e1e',
    '--mantine-color-red-outline': '#b42323',
    '--mantine-color-gray-light-color': '#464d54',
    '--mantine-color-gray-outline': '#596169',
    '--input-edge': '#87919a',
  },
  dark: {
    '--mantine-color-body': '#16191c',
    '--mantine-color-dimmed': '#a5adb5',
    '--mantine-color-placeholder': '#98a1a9',
    '--mantine-color-disabled-color': '#b4bbc2',
    '--mantine-color-error': '#ff9b9b',
    '--mantine-color-anchor': '#6cc6d8',
    '--mantine-color-default': '#22262a',
    '--mantine-color-default-hover': '#2b3035',
    '--mantine-color-default-border': '#3b4147',
    '--mantine-color-accent-light-color': '#95d3e0',
    '--mantine-color-red-light-color': '#ffb3b3',
    '--mantine-color-red-outline': '#ff9b9b',
    '--mantine-color-gray-light-color': '#c4cad0',
    '--mantine-color-gray-outline': '#a5adb5',
    '--input-edge': '#6d767f',
  },
});
